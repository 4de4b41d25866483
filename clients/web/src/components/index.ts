export * from "@/components/basics";
export * from "@/components/charts";
export * from "@/components/fields";
export { toast } from "@/components/notices";
export * from "@/components/recipient";
export * from "@/components/sheet";
export * from "@/components/states";
export * from "@/components/transactions";
export * from "@/components/values";

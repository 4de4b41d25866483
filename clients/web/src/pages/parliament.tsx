export { ParliamentPage as default } from "./parliament/list_page";

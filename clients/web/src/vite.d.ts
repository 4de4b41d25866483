declare module "virtual:locale/en" {
  const texts: string;
  export default texts;
}
declare module "virtual:locale/ru" {
  const texts: string;
  export default texts;
}

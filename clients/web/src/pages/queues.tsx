export { QueuesPage as default } from "./queues/board_page";

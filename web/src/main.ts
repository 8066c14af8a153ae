import { createApp } from "vue";

import "./style/tokens.css";
import "./style/base.css";
import TourPage from "./views/TourPage.vue";

createApp(TourPage).mount("#app");

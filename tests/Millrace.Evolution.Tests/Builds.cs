global using After = Evolution.After;
global using Before = Evolution.Before;

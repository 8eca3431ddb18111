using System.Globalization;
using Commerce.Chaos;

// The programs of the chaos test that speak over brokers. They are made to be killed.
//   usage: Commerce.Chaos.Node shop RABBITMQ REDIS ARGUMENTS...      a node of the shop, by its own arguments, that publishes its orders
//          Commerce.Chaos.Node listener RABBITMQ REDIS DATABASE PORT another service, which notes what it hears of them
var (role, rabbitMq, redis) = (args[0], args[1], args[2]);
await (role switch
{
    "shop" => PublishingShop.Run(rabbitMq, redis, args[3..]),
    "listener" => Listener.Run(rabbitMq, redis, args[3], int.Parse(args[4], CultureInfo.InvariantCulture)),
    _ => throw new ArgumentException($"There is no '{role}'."),
});

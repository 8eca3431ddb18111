using System.Globalization;
using Commerce.Choreography;

// One of three services, each with its own store, that fulfil orders together through events, without an orchestrator.
//   usage: Commerce.Choreography orders|inventory|payments rabbitmq|redis ADDRESS STORE PORT DAYS
// The clock of the service is ahead by DAYS. A restart with a greater value advances the time.
if (args is not [var name, var broker, var address, var store, var port, var days])
    throw new ArgumentException($"The arguments '{string.Join(' ', args)}' are invalid.");
await Service.Of(name).Run(new ServiceArguments(
    broker,
    address,
    store,
    int.Parse(port, CultureInfo.InvariantCulture),
    TimeSpan.FromDays(int.Parse(days, CultureInfo.InvariantCulture))));

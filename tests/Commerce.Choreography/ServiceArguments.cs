namespace Commerce.Choreography;

/// <summary>The arguments of a service.</summary>
/// <param name="Broker">The kind of broker: rabbitmq or redis.</param>
/// <param name="Address">The address of the broker.</param>
/// <param name="Store">The file of the store of the service.</param>
/// <param name="Port">The port of the service on this machine.</param>
/// <param name="Ahead">The time by which the clock of the service is ahead.</param>
internal sealed record ServiceArguments(string Broker, string Address, string Store, int Port, TimeSpan Ahead);

namespace Commerce.Choreography;

/// <summary>The arguments of a service.</summary>
/// <param name="Broker">The kind of broker: rabbitmq or redis.</param>
/// <param name="Address">Where the broker is.</param>
/// <param name="Store">The file of its store.</param>
/// <param name="Port">Where it answers, on this machine.</param>
/// <param name="Ahead">How far its clock is ahead.</param>
internal sealed record ServiceArguments(string Broker, string Address, string Store, int Port, TimeSpan Ahead);

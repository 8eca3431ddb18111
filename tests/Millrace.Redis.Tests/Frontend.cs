namespace Millrace.Redis.Tests;

/// <summary>The model of a service that only sends commands to another one.</summary>
[Model]
public sealed partial class Frontend
{
    public const string Destination = "parcels";

    public static void Connect(TransportBuilder transport) => transport.Request<ShipParcel>(Destination);
}

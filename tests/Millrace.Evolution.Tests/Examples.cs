namespace Millrace.Tests;

/// <summary>A model of its own: events that say what they are written as, and events that became one.</summary>
[Model]
public sealed partial class Examples;

[Event("device.measured", Format = EventFormat.Cbor)]
public sealed record DeviceMeasured(int Device, decimal Celsius);

[Event("device.named", Format = EventFormat.Json)]
public sealed record DeviceNamed(int Device, string Name);

[Event("device.seen")]
public sealed record DeviceSeen(int Device);

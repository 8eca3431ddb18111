namespace Millrace.Tests;

/// <summary>A separate model with explicit stored names, and with merged events.</summary>
[Model]
public sealed partial class Examples;

[Event("device.measured", Format = EventFormat.Cbor)]
public sealed record DeviceMeasured(int Device, decimal Celsius);

[Event("device.named", Format = EventFormat.Json)]
public sealed record DeviceNamed(int Device, string Name);

[Event("device.seen")]
public sealed record DeviceSeen(int Device);

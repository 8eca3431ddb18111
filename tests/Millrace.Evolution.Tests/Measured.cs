namespace Millrace.Tests;

/// <summary>A model whose events say themselves what they are written as, or do not.</summary>
[Model]
public sealed partial class Measured;

[Event("device.measured", Format = EventFormat.Cbor)]
public sealed record DeviceMeasured(int Device, decimal Celsius);

[Event("device.named", Format = EventFormat.Json)]
public sealed record DeviceNamed(int Device, string Name);

[Event("device.seen")]
public sealed record DeviceSeen(int Device);

namespace Millrace.Testing.Hosts;

/// <summary>A step of a host specification.</summary>
internal sealed record HostStep(HostStepKind Kind, Func<HostRun, CancellationToken, Task> Run);

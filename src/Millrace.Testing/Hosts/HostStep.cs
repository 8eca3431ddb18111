namespace Millrace.Testing;

/// <summary>A step of a specification of a host.</summary>
internal sealed record HostStep(HostStepKind Kind, Func<HostRun, CancellationToken, Task> Run);

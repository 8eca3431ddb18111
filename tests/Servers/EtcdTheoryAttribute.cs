using Xunit;

namespace Servers;

/// <summary>A test on a real etcd: skipped where etcd is missing, except in CI, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public EtcdTheoryAttribute() => Skip = EtcdPrograms.ReasonToSkip;
}

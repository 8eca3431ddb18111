using Xunit;

namespace Servers;

/// <summary>A theory on a real etcd. Without etcd the theory is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public EtcdTheoryAttribute() => Skip = EtcdPrograms.ReasonToSkip;
}

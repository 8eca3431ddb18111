using Xunit;

namespace Servers;

/// <summary>A test on a real etcd: skipped where there is none, and failing for that in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides.</summary>
    public EtcdTheoryAttribute() => Skip = EtcdPrograms.ReasonToSkip;
}

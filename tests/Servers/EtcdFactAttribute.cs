using Xunit;

namespace Servers;

/// <summary>A test on a real etcd. Without etcd the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public EtcdFactAttribute() => Skip = EtcdPrograms.ReasonToSkip;
}

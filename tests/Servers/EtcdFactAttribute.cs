using Xunit;

namespace Servers;

/// <summary>A test on a real etcd: skipped where etcd is missing, except in CI, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public EtcdFactAttribute() => Skip = EtcdPrograms.ReasonToSkip;
}

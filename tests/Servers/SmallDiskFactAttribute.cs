using Xunit;

namespace Servers;

/// <summary>A test that fills a disk. Without the permission to mount one, the test is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SmallDiskFactAttribute() =>
        Skip = SmallDisk.IsPossible ? null : "Filling a disk needs the permission to mount one.";
}

namespace Millrace.Faults.Tests;

/// <summary>A test that fills a separate disk.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip ?? ReasonToSkip;

    /// <summary>Gets why the tests cannot fill a disk, or null if they can.</summary>
    internal static string? ReasonToSkip { get; } =
        SmallDisk.IsPossible ? null : "The test fills a disk, and therefore needs the right to mount one.";
}

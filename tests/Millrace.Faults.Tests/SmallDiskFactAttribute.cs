namespace Millrace.Faults.Tests;

/// <summary>A test that fills a separate disk.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip ?? ReasonToSkip;

    /// <summary>Why no disk can be filled here; null when one can.</summary>
    internal static string? ReasonToSkip { get; } =
        SmallDisk.IsPossible ? null : "Making a disk full needs the right to mount one.";
}

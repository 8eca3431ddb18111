namespace Millrace.Faults.Tests;

/// <summary>A test that fills a separate disk.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip ?? ReasonToSkip;

    /// <summary>Why none can be made full here; null where one can.</summary>
    internal static string? ReasonToSkip { get; } =
        SmallDisk.IsPossible ? null : "Making a disk full needs the right to mount one.";
}

namespace Millrace.Moves.Tests;

/// <summary>A theory that fills a disk. Without PostgreSQL or the permission to mount, the theory is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskTheoryAttribute : TheoryAttribute
{
    public SmallDiskTheoryAttribute() =>
        Skip =
            PostgreSqlPrograms.ReasonToSkip
            ?? (SmallDisk.IsPossible ? null : "Filling a disk needs the permission to mount one.");
}

namespace Millrace.Moves.Tests;

/// <summary>A theory that makes a disk full: skipped, saying so, where no disk can be mounted or
/// PostgreSQL is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskTheoryAttribute : TheoryAttribute
{
    public SmallDiskTheoryAttribute() =>
        Skip =
            PostgreSqlPrograms.ReasonToSkip
            ?? (SmallDisk.IsPossible ? null : "Making a disk full needs the right to mount one.");
}

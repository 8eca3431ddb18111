using System.Text.Json.Serialization;

namespace Millrace.Faults.Tests;

/// <summary>What is done to nodes, database and the lines between them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Fault>))]
internal enum Fault
{
    /// <summary>A node is killed with SIGKILL and started again.</summary>
    KillNode,

    /// <summary>All back-ends of the store's database are ended by
    /// <c>pg_terminate_backend</c>, several times.</summary>
    TerminateBackEnds,

    /// <summary>One back-end is killed with SIGKILL: PostgreSQL ends all others and recovers from its log.</summary>
    KillBackEnd,

    /// <summary>PostgreSQL is stopped at once, and started again.</summary>
    CrashServer,

    /// <summary>The connections of a node to the database are reset, and new ones are, for a while.</summary>
    CutLine,

    /// <summary>The line of a node falls silent for a while, longer than it may hold the log's lock.</summary>
    SilenceLine,

    /// <summary>There is no room on the disk of the tables for a while.</summary>
    FillDisk,
}

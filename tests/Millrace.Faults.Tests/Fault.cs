using System.Text.Json.Serialization;

namespace Millrace.Faults.Tests;

/// <summary>The faults of nodes, database and connections.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Fault>))]
internal enum Fault
{
    /// <summary>A node is killed with SIGKILL and restarted.</summary>
    KillNode,

    /// <summary>All back-ends of the store's database are ended by <c>pg_terminate_backend</c>, several
    /// times.</summary>
    TerminateBackEnds,

    /// <summary>One back-end is killed with SIGKILL: PostgreSQL ends all others and recovers from its log.</summary>
    KillBackEnd,

    /// <summary>PostgreSQL is stopped immediately, and restarted.</summary>
    CrashServer,

    /// <summary>The connections of a node to the database are reset, also new ones, for a while.</summary>
    CutLine,

    /// <summary>The connection of a node is silent for a while, longer than it may hold the log's lock.</summary>
    SilenceLine,

    /// <summary>The disk of the tables is full for a while.</summary>
    FillDisk,
}

using System.Text.Json.Serialization;

namespace Millrace.Faults.Tests;

/// <summary>The faults of nodes, database and connections.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Fault>))]
internal enum Fault
{
    /// <summary>A node is killed with SIGKILL and restarted.</summary>
    KillNode,

    /// <summary>
    /// <c>pg_terminate_backend</c> ends all back-ends of the store's database, several times.
    /// </summary>
    TerminateBackEnds,

    /// <summary>
    /// One back-end is killed with SIGKILL. PostgreSQL then ends all others and recovers from its log.
    /// </summary>
    KillBackEnd,

    /// <summary>PostgreSQL is stopped immediately, and restarted.</summary>
    CrashServer,

    /// <summary>For a while, all connections of a node to the database are reset, including new connections.</summary>
    CutLine,

    /// <summary>
    /// The connection of a node transfers nothing for longer than the node may hold the lock of the log.
    /// </summary>
    SilenceLine,

    /// <summary>The disk of the tables is full for a while.</summary>
    FillDisk,
}

using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>Something that is killed without warning and started again.</summary>
internal sealed record ChaosVictim(string Name, Func<Task> Kill, Func<Task> Start)
{
    public static ChaosVictim Of(string name, ChaosProgram program) => new(name, program.Kill, program.Start);

    public static ChaosVictim Of(string name, PostgreSqlServer server) => new(name, server.Crash, server.Restart);

    public static ChaosVictim Of(RedisServer server) => new("Redis", server.Crash, server.Restart);

    /// <summary>It is killed once it has noted its queues: a younger one does not outlive it (ADR 0238).</summary>
    public static ChaosVictim Of(RabbitMqServer server) => new(
        "RabbitMQ",
        async () =>
        {
            await server.NoteQueues();
            await server.Crash();
        },
        server.Restart);
}

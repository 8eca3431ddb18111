using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>A program or server that the test kills without warning and restarts.</summary>
internal sealed record ChaosTarget(string Name, Func<Task> Kill, Func<Task> Start)
{
    public static ChaosTarget Of(string name, ChaosProgram program) => new(name, program.Kill, program.Start);

    public static ChaosTarget Of(string name, PostgreSqlServer server) => new(name, server.Crash, server.Restart);

    public static ChaosTarget Of(RedisServer server) => new("Redis", server.Crash, server.Restart);

    /// <summary>
    /// Returns a target that kills RabbitMQ only after it has stored its queues, because new queues are lost (ADR
    /// 0238).
    /// </summary>
    public static ChaosTarget Of(RabbitMqServer server) => new(
        "RabbitMQ",
        async () =>
        {
            await server.WaitUntilQueuesAreStored();
            await server.Crash();
        },
        server.Restart);
}

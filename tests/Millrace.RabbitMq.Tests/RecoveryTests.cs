using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>The recovery of an application whose broker stops.</summary>
public sealed class RecoveryTests
{
    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)] // The broker is stopped and started.
    public async Task A_dead_broker_goes_to_a_person_and_is_healed_when_it_starts()
    {
        await using var server = await RabbitMqServer.Start();
        await using var node = await Node.Start(millrace => millrace
            .UseRabbitMq(server.Uri, rabbit => rabbit
                .PublishAll("pumps")
                .Configure(static options => options.ConfirmTimeout = TimeSpan.FromSeconds(1)))
            .UseRecovery(static options =>
            {
                options.Interval = TimeSpan.FromSeconds(1);
                options.ChangeRule(RecoverySymptoms.BrokerUnavailable, static rule => rule with
                {
                    After = TimeSpan.Zero,
                    MaxAttempts = 2,
                    RetryDelay = TimeSpan.Zero,
                    HealthyFor = TimeSpan.Zero,
                });
            }));
        var recovery = Recovery.Of(node.Store);
        await server.Crash();
        await node.Store.Append(Shop.StreamOf("1"), ExpectedVersion.Any, [new Placed("1", 2)]);
        await Eventually.Get(() => recovery.History(), steps => steps.Any(step => step.Kind == "given-up"));
        await server.Restart();

        var steps = await Eventually.Get(
            () => recovery.History(), steps => steps.Any(step => step.Kind == "healed"));
        Assert.All(steps, step => Assert.Equal("rabbitmq", step.Subject));
        Assert.Equal(2, steps.Count(step => step is { Kind: "started", Action: RecoveryCatalogue.ReconnectBroker }));
        Assert.Equal(2, steps.Count(step => step.Kind == "failed"));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
    }
}

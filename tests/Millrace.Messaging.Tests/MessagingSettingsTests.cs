using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>
/// Tests that unknown settings below <c>Millrace:Messaging</c> are reported when the application starts.
/// </summary>
public sealed class MessagingSettingsTests
{
    private readonly InMemoryBroker _broker = new();

    [Theory]
    [InlineData(
        "memory:Prefech", "5", "Millrace:Messaging:memory:Prefech: there is no such setting. Did you mean 'Prefetch'?")]
    [InlineData("memory:prefetchs", "5", "Did you mean 'Prefetch'?")]
    [InlineData(
        "memory:Publsh:orders",
        "*",
        "Millrace:Messaging:memory:Publsh: there is no such setting. Did you mean 'Publish'?")]
    [InlineData(
        "memory:Colour",
        "red",
        "Millrace:Messaging:memory:Colour: there is no such setting. There are: AllowsUnroutable, Answ")]
    [InlineData("memory:Address", "here", "Millrace:Messaging:memory:Address: there is no such setting.")]
    [InlineData(
        "Transprot", "memory", "Millrace:Messaging:Transprot: there is no such setting. Did you mean 'Transport'?")]
    [InlineData("memry:Prefetch", "5", "Millrace:Messaging:memry: there is no such setting. Did you mean 'memory'?")]
    [InlineData(
        "Bodies:Foldr", "/tmp", "Millrace:Messaging:Bodies:Foldr: there is no such setting. Did you mean 'Folder'?")]
    public async Task A_misspelled_setting_prevents_the_application_from_starting(
        string setting, string value, string expected)
    {
        // The settings of the body store are read only if bodies are stored outside the broker.
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() =>
            Start(
                new()
                {
                    [$"Millrace:Messaging:{setting}"] = value,
                    ["Millrace:Messaging:memory:ClaimCheckAbove"] = "1000",
                }
            )
        );

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_misspellings_are_reported_together()
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => Start(
            new() { ["Millrace:Messaging:memory:Prefech"] = "5", ["Millrace:Messaging:memory:Formt"] = "binary" }));

        Assert.Equal(2, refused.Failures.Count());
    }

    [Fact]
    public async Task Settings_of_other_transports_are_ignored_and_names_are_not_case_sensitive()
    {
        await using var node = await Start(new()
        {
            ["Millrace:Messaging:transport"] = "memory",
            ["Millrace:Messaging:kafka:Address"] = "localhost:9092",
            ["Millrace:Messaging:rabbitmq:Uri"] = "amqp://localhost",
            ["Millrace:Messaging:nats:Prefetch"] = "5", // Another application uses this transport.
            ["Millrace:Messaging:memory:prefetch"] = "5",
            ["Millrace:Messaging:memory:publish:orders"] = "order.paid",
            ["Millrace:Messaging:bodies:keptFor"] = "1.00:00:00",
        });

        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
    }

    private Task<Node> Start(Dictionary<string, string?> settings) =>
        Node.Start(
            millrace => millrace.UseInMemoryTransport(transport => transport.PublishAll("audit"), _broker),
            settings: settings);
}

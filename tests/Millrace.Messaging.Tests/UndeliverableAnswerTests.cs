using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Messaging.Requesting;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the allowed destinations of answers, because the address in a request is not trusted.</summary>
public sealed class UndeliverableAnswerTests
{
    private const int UnansweredEventId = 9008;

    private readonly InMemoryBroker _broker = new();

    [Fact]
    public Task An_answer_is_not_sent_to_a_destination_of_a_receiver_or_an_unknown_one() =>
        new UndeliverableAnswerChecks((millrace, configure) => millrace.UseInMemoryTransport(configure, _broker)).Run();

    [Theory]
    [InlineData("millrace.replies", true)]
    [InlineData("millrace.replies.orders", false)]
    [InlineData("Millrace.Replies", false)]
    [InlineData("crm.replies", true)]
    [InlineData("crm.replies2", false)]
    [InlineData("erp-", true)]
    [InlineData("erp-7", true)]
    [InlineData("erp-7 8", false)]
    [InlineData("erp", false)]
    [InlineData("erp-*", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void An_answer_can_be_sent_to_reply_destinations_and_to_those_that_the_options_allow(
        string destination,
        bool isAllowed) => Assert.Equal(isAllowed, new ReplyDestinations(["crm.replies", "erp-*"]).Allows(destination));

    [Fact]
    public void Names_are_not_longer_than_every_broker_allows() =>
        Assert.False(new ReplyDestinations(["erp-*"]).Allows("erp-" + new string('7', 200)));

    [Fact]
    public async Task A_request_of_another_client_is_answered_if_the_options_allow_its_destination()
    {
        await using var transport = new InMemoryTransport(_broker);
        var answers = new Subscription("crm", "crm.replies-7");
        await transport.Declare(new TransportTopology([], [answers]), CancellationToken.None);
        await using var listener = new Listener(await transport.Receive(answers, CancellationToken.None));
        await using var warehouse = await Warehouse(settings: new()
        {
            ["Millrace:Messaging:memory:AnswersTo"] = "erp.replies, crm.replies-*",
        });

        await Ask(warehouse, "1", "crm.replies-7");

        var answer = (await listener.Take(1)).Single();
        Assert.Equal(("1", "asked"), (answer.CausationId, answer.Type));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("crm replies")]
    [InlineData("crm.*.replies")]
    public async Task An_invalid_destination_prevents_the_application_from_starting(string name)
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() =>
            Warehouse(options => options.AnswersTo = [name]));

        Assert.Contains(
            "Millrace:Messaging:memory:AnswersTo: must be names", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_a_sender_is_logged_on_one_line_with_a_limited_length()
    {
        using var log = new RecordedLog(LogLevel.Information);
        await using var warehouse = await Warehouse(services: services => services.AddSingleton<ILoggerFactory>(log));

        await Ask(
            warehouse,
            id: "1" + new string('0', 100_000),
            replyTo: "there\r\nwarn: all is lost\u2028" + new string('x', 1_000_000));

        await Eventually.Until(() => log.Entries.Any(entry => entry.Id == UnansweredEventId));
        var loggedText = log.Entries.Single(entry => entry.Id == UnansweredEventId).Text;
        Assert.InRange(loggedText.Length, 1, 2_000);
        Assert.DoesNotContain(loggedText, letter => char.IsControl(letter) || letter == '\u2028');
        Assert.Contains("there  warn: all is lost xxx", loggedText, StringComparison.Ordinal);
    }

    private async Task<Node> Warehouse(
        Action<TransportOptions>? configure = null,
        Action<IServiceCollection>? services = null,
        Dictionary<string, string?>? settings = null)
    {
        var node = await Node.Start(
            millrace =>
            {
                services?.Invoke(millrace.Services);
                millrace.AddModel(new Stock().Register).UseInMemoryTransport(
                    transport => transport.Receive("stock", "stock", receiver => receiver.Answer<ReserveStock>())
                        .Configure(configure ?? (static _ => { })),
                    _broker);
            },
            settings: settings);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        return node;
    }

    private static async Task Ask(Node warehouse, string id, string replyTo) =>
        await warehouse.Transports.Publish(InMemoryTransport.Name, "stock", new Message
        {
            Id = id,
            Type = "reserve-stock",
            Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
            Headers = new Dictionary<string, string> { ["replyto"] = replyTo, ["replytype"] = "asked" },
        });
}

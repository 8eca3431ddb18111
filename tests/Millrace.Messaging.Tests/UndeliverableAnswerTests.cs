using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Messaging.Requesting;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the allowed destinations of answers: the address in a request is not trusted.</summary>
public sealed class UndeliverableAnswerTests
{
    private const int Unanswered = 9008;

    private readonly InMemoryBroker _broker = new();

    [Fact]
    public Task An_answer_goes_to_no_destination_that_others_receive_from_and_to_none_that_is_made_up() =>
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
    public void An_answer_may_go_where_requests_of_our_own_have_theirs_and_where_the_options_allow_it(
        string destination,
        bool isAllowed) => Assert.Equal(isAllowed, new ReplyDestinations(["crm.replies", "erp-*"]).Allows(destination));

    [Fact]
    public void No_name_is_longer_than_every_broker_can_have() =>
        Assert.False(new ReplyDestinations(["erp-*"]).Allows("erp-" + new string('7', 200)));

    [Fact]
    public async Task Who_asks_in_another_way_is_answered_where_the_application_allows_it()
    {
        await using var transport = new InMemoryTransport(_broker);
        var answers = new Subscription("crm", "crm.replies-7");
        await transport.Declare(new TransportTopology([], [answers]), CancellationToken.None);
        await using var heard = new Listener(await transport.Receive(answers, CancellationToken.None));
        await using var warehouse = await Warehouse(settings: new()
        {
            ["Millrace:Messaging:memory:AnswersTo"] = "erp.replies, crm.replies-*",
        });

        await Ask(warehouse, "1", "crm.replies-7");

        var answer = (await heard.Take(1)).Single();
        Assert.Equal(("1", "asked"), (answer.CausationId, answer.Type));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("crm replies")]
    [InlineData("crm.*.replies")]
    public async Task What_can_be_no_destination_keeps_the_application_from_starting(string name)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            Warehouse(options => options.AnswersTo = [name]));

        Assert.Contains(
            "Millrace:Messaging:memory:AnswersTo: must be names", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_sender_has_written_fills_no_log_and_stays_on_its_line()
    {
        using var log = new RecordedLog(LogLevel.Information);
        await using var warehouse = await Warehouse(services: services => services.AddSingleton<ILoggerFactory>(log));

        await Ask(
            warehouse,
            id: "1" + new string('0', 100_000),
            replyTo: "there\r\nwarn: all is lost\u2028" + new string('x', 1_000_000));

        await Eventually.Holds(() => log.Entries.Any(entry => entry.Id == Unanswered));
        var told = log.Entries.Single(entry => entry.Id == Unanswered).Text;
        Assert.InRange(told.Length, 1, 2_000);
        Assert.DoesNotContain(told, one => char.IsControl(one) || one == '\u2028');
        Assert.Contains("there  warn: all is lost xxx", told, StringComparison.Ordinal);
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
        await Eventually.Holds(() => node.Transports.List().Single().State == TransportState.Connected);
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

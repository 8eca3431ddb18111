using Millrace.Cli.Models;
using Millrace.Cli.Models.Diagrams;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests the drawings and descriptions of processes: groups, branches, timeouts and the point of no return.
/// </summary>
public sealed class ProcessChartTests
{
    private static readonly ProcessDescription Fulfilment = new("fulfilment", "Orders", 2)
    {
        Type = "Shop.Fulfilment",
        Summary = "From <order> to parcel.",
        StartedBy = ["order.placed"],
        Parts =
        [
            new(ProcessPartKind.Parallel, "prepare")
            {
                Steps =
                [
                    new(ProcessPartKind.Step, "reserve")
                    {
                        Sends = ["reserve-stock"],
                        CanBeUndone = true,
                        UndoneBy = ["release-stock"],
                    },
                    new(ProcessPartKind.Step, "charge") { CanBeUndone = true },
                ],
            },
            new(ProcessPartKind.Await, "paid") { Event = "payment.settled", Within = TimeSpan.FromHours(1) },
            new(ProcessPartKind.Decision, "is-large")
            {
                Event = "order.placed", Then = [new(ProcessPartKind.Step, "insure") { Sends = ["insure-parcel"] }],
            },
            new(ProcessPartKind.PointOfNoReturn, "handed-over"),
            new(ProcessPartKind.Await, "delivered") { Event = "parcel.delivered", Within = TimeSpan.FromDays(30) },
        ],
    };

    [Fact]
    public void A_flow_chart_shows_the_parts_in_order_with_the_commands_that_undo_them() => Assert.StartsWith(
        """
        flowchart TB
          n1["order.placed"]:::event
          subgraph g1["prepare"]
            n2["reserve: reserve-stock"]:::step
            n3["charge"]:::step
          end
          n6(["paid: payment.settled"]):::waits
          n8{{"is-large (order.placed)"}}:::decides
          n9(["then"]):::decides
          n10["insure: insure-parcel"]:::step
          n11(["otherwise"]):::decides
          n12{{"handed-over: only forward from here"}}:::gate
          n13(["delivered: parcel.delivered"]):::waits
          n15(["completed"]):::last
          n4["undone by release-stock"]:::undo
          n5["undone by a command"]:::undo
          n7(["after 1 hour: undone"]):::undo
          n14(["after 30 days: held for a decision"]):::undo
          n1 --> n2
          n2 -.-> n4
          n1 --> n3
          n3 -.-> n5
          n2 --> n6
          n3 --> n6
          n6 -.-> n7
          n6 --> n8
          n8 --> n9
          n9 --> n10
          n8 --> n11
          n10 --> n12
          n11 --> n12
          n12 --> n13
          n13 -.-> n14
          n13 --> n15
          classDef event
        """,
        ProcessChart.Of(Fulfilment),
        StringComparison.Ordinal);

    [Fact]
    public void A_page_shows_the_parts_of_a_process_and_escapes_all_text()
    {
        var page = ModelPage.Of(Model());

        Assert.Contains("<article class=\"entry\" id=\"process-fulfilment-2\">", page, StringComparison.Ordinal);
        Assert.Contains("From &lt;order&gt; to parcel.", page, StringComparison.Ordinal);
        Assert.Contains(
            "<span class=\"aside\">undone by <span class=\"chip undo\">release-stock</span>",
            page,
            StringComparison.Ordinal);
        Assert.Contains("<span class=\"aside\">after 1 hour: undone</span>", page, StringComparison.Ordinal);
        Assert.Contains("<p class=\"way\">otherwise: nothing</p>", page, StringComparison.Ordinal);
        Assert.Contains("<li class=\"gate\"><span class=\"what\">handed-over</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diagram_shows_a_process_between_its_events_and_its_commands()
    {
        var diagram = MermaidDiagram.Of(Model() with
        {
            Commands = [new("reserve-stock", "Orders", typeof(string), typeof(Nothing))],
            Events = [new("payment.settled", "Orders") { Type = "Settled", Versions = [] }],
        });

        Assert.Contains("event_payment_settled --> process_fulfilment\n", diagram, StringComparison.Ordinal);
        Assert.Contains("process_fulfilment ==> command_reserve_stock\n", diagram, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, "30 seconds")]
    [InlineData(60, "1 minute")]
    [InlineData(7_200, "2 hours")]
    [InlineData(86_400, "1 day")]
    [InlineData(90_000, "25 hours")]
    [InlineData(0.5, "00:00:00.5000000")]
    public void A_duration_is_printed_in_words(double seconds, string expected) =>
        Assert.Equal(expected, ProcessText.Of(TimeSpan.FromSeconds(seconds)));

    private static ModelDescription Model() => EmptyModel.Description with
    {
        Models = ["Shop"],
        Contexts = ["Orders"],
        Processes = [Fulfilment],
    };
}

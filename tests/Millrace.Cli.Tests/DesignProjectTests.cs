using System.Text;
using Millrace.Cli.Design;
using Millrace.Cli.Design.Project;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that a description is refused with the line of its mistake, or that its project compiles without warnings.
/// </summary>
public sealed class DesignProjectTests
{
    private static readonly int Designs = TestRun.IsLong ? 400 : 15;

    private static readonly string[] Entities =
    [
        "Order",
        "OrderItem",
        "Task",
        "Event",
        "Claim",
        "Customer",
        "Stream",
        "Line",
        "File",
    ];
    private static readonly string[] Names =
    [
        "name",
        "number",
        "items",
        "item",
        "lines",
        "price",
        "amount",
        "day",
        "pay",
        "orderPlaced",
        "limit",
        "count",
        "task",
        "value",
        "address",
        "customer",
        "kind",
        "open",
        "record",
        "field",
        "total",
    ];

    private static readonly string[] Types =
    [
        "text",
        "integer",
        "money",
        "yes-no",
        "date",
        "time",
        "one of Small, Large",
        "Line",
        "list of Line",
        "Customer",
        "text optional",
        "text unique",
        "text unique may change",
        "money may change",
        "text optional unique may change",
        "list of Line may change",
        "Line may change",
        "one of Red, Green may change",
        "date optional",
        "list of Customer",
    ];

    private static readonly string[] States =
    [
        "Draft -> Placed -> Paid",
        "Draft -> Paid",
        "Placed -> Cancelled",
        "Paid -> Cancelled by refund with amount: money",
        "Draft, Placed -> Cancelled with reason: text",
        "Open -> Closed -> Open",
        "Paid -> Draft by reopen",
        "Draft -> Placed by order",
        "Paid -> Done by pay with kind: one of Cash, Card",
    ];

    private static readonly string[] Queries =
    [
        "one {0}", "list {0} by {1}", "list {0} by state", "list {0}", "count {0} per day", "count {0} per {1}",
        "count {0} per day when Paid", "sum {0}.{1} per day", "sum {0}.{1} per day when Cancelled",
    ];

    [Theory]
    [InlineData("entity Order\n  states: Draft -> Placed -> Paid")]
    [InlineData(
        "entity Order\n  states: Placed -> Paid\n  states: Placed -> Cancelled by cancel\n"
            + "  states: Paid -> Cancelled by refund with amount: money\nquery Lost: count Order per day when Cancelled"
    )]
    [InlineData(
        "entity Task\n  title: text\n  code: text unique may change\n  states: Open -> Done\nquery "
            + "Tasks2: list Task by state"
    )]
    [InlineData(
        "context Shows\nentity Event\n  code: text unique\ncontext Sales\nentity Ticket\n  title: text\n  show: Event")]
    [InlineData("entity Claim\n  number: text optional unique may change")]
    [InlineData("entity Box\n  place: Place may change\npart Place\n  shelf: text\n  at1: integer")]
    [InlineData(
        "entity Invoice\n  number: text unique may change in Sent\n  states: Draft -> Sent -> Paid with note: Note\n"
            + "part Note\n  text: text")]
    [InlineData("entity Order\n  customer: Customer\noutside Customer\nquery Results: list Order by customer")]
    [InlineData(
        "entity Loan\n  due: date\n  states: Open -> Returned -> Locked\nquery ReturnsPerDay: count "
            + "Loan per day when Returned"
    )]
    public async Task The_project_of_a_typical_description_compiles(string text)
    {
        Assert.Equal([], await Compile("application Shop\n" + text, mustBeValid: true));
    }

    [Theory]
    [InlineData(
        "entity Order\n  begins: submit\n  states: Draft -> Submitted",
        4,
        "'OrderSubmitted' would name both the creation of Order (line 3)")]
    [InlineData("entity Order\n  line: Line\npart Line\n  price: money\n  price: money", 6, "Line has 'price' twice")]
    [InlineData("entity Order\noutside Customer\noutside Customer", 4, "'CustomerId' would name both")]
    [InlineData("entity Customer\noutside Customer", 3, "'CustomerId' would name both")]
    [InlineData("entity Time\n  name: text", 2, "is a reserved name")]
    [InlineData("entity Order\n  pay: text\n  states: Draft -> Paid", 3, "is also the name of another member of Order")]
    [InlineData("entity Order\n  states: Draft -> Placed by order", 3, "'Order' is a reserved name in Order")]
    [InlineData(
        "entity Order\n  bookLine1: text may change\n  bookLine2: text may change",
        4,
        "would name both the change of bookLine1")]
    [InlineData(
        "entity Order\n  states: Paid -> Cancelled\n  states: Draft -> Cancelled with reason: text",
        4,
        "has other attributes on line 3")]
    [InlineData(
        "entity Order\n  total: text\n  states: Draft -> Paid with total: money",
        4,
        "'total' has another type on line 3")]
    [InlineData(
        "entity Loan\n  states: Open -> Paid with fine: money\n  rule fair: fine > 0 \"Fair.\"",
        4,
        "'fine' comes with Paid (line 3)")]
    [InlineData(
        "entity Loan\n  states: Open -> Paid with fine: money\nquery Fines: sum Loan.fine per day when Paid",
        4,
        "'fine' comes with Paid (line 3)")]
    [InlineData(
        "entity Order\n  total: money = sum of items.cost\n  items: list of Item\npart Item\n  price: money",
        3,
        "is not a required number")]
    [InlineData("entity Order\n  items: list of Item\npart Item\n  item: Item", 5, "a part cannot contain parts")]
    [InlineData("entity Order\n  kind: one of Small, Small", 3, "is listed twice")]
    [InlineData("entity Order\nquery GetOne: one Order\nquery GetTwo: one Order", 4, "Query one of a kind only once")]
    public void An_invalid_declaration_is_reported_with_its_line(string text, int line, string expected) =>
        DesignErrors.AssertReported("application Shop\n" + text, line, expected);

    [Fact]
    public void Two_verbs_that_lead_to_one_state_are_two_events()
    {
        const string Text =
            "application Shop\nentity Order\n  states: Placed -> Paid\n  states: Placed -> Cancelled by cancel\n"
            + "  states: Paid -> Cancelled by refund with amount: money\nquery Lost: count Order per day when "
            + "Cancelled";

        var proposal = DesignProposer.Propose(DesignReader.Read(Text).File!);

        var steps = proposal.Aggregates.Single().Steps.ToDictionary(step => step.Event, StringComparer.Ordinal);
        Assert.Equal(["Placed"], steps["OrderCancelled"].From);
        Assert.Empty(steps["OrderCancelled"].Given);
        Assert.Equal(["Paid"], steps["OrderRefunded"].From);
        Assert.Equal("RefundOrder", steps["OrderRefunded"].Command);
        Assert.Equal("amount", Assert.Single(steps["OrderRefunded"].Given).Name);
        Assert.Equal(2, proposal.ReadModels.Single(model => model.Name == "Lost").Rows.Count);
    }

    [Fact]
    public void The_list_of_library_ids_is_complete() =>
        Assert.Equal(ProjectFiles.LibraryIds, DesignCompilation.IdsOfLibraries());

    [Fact]
    public async Task The_project_of_any_description_compiles_or_the_mistake_is_reported_with_its_line()
    {
        var (compiled, failures) = (0, new List<string>());
        for (var seed = 1; seed <= 10_000 && compiled < Designs && failures.Count < 5; seed++)
        {
            var text = RandomDescription(new Random(seed));
            if (await Compile(text, mustBeValid: false) is not { } problems)
                continue;
            compiled++;
            if (problems.Count > 0)
                failures.Add($"Seed {seed}:\n{text}{string.Join('\n', problems.Take(10))}");
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.Equal(Designs, compiled);
    }

    /// <summary>
    /// Returns the errors and warnings of the compiled project. Returns null when the description was refused.
    /// </summary>
    private static async Task<IReadOnlyList<string>?> Compile(string text, bool mustBeValid)
    {
        var (file, problems) = DesignReader.Read(text);
        var lines = text.Split('\n').Length;
        Assert.All(problems, problem => Assert.InRange(problem.Line, 1, lines));
        Assert.True(file is not null || !mustBeValid, string.Join('\n', problems));
        return file is null ? null : await DesignCompilation.Problems(file, text);
    }

    private static string RandomDescription(Random random)
    {
        var text = new StringBuilder("application Shop\noutside Customer\n")
            .Append("part Line\n  price: money\n  quantity: integer\n  label: text optional\n");
        var entities = random.GetItems(Entities, random.Next(1, 3));
        foreach (var entity in entities)
        {
            if (random.Next(2) == 0)
                text.Append("context ").Append(entity).Append("s\n");
            text.Append("entity ").Append(entity).Append('\n');
            for (var count = random.Next(4); count >= 0; count--)
                text.Append("  ").Append(Pick(Names)).Append(": ").Append(Pick(Types)).Append('\n');
            if (random.Next(4) == 0)
                text.Append("  lines: list of Line\n  total: money = sum of lines.price * lines.quantity\n")
                    .Append("  rule some: lines is not empty \"Some.\"\n");
            for (var count = random.Next(3); count > 0; count--)
                text.Append("  states: ").Append(Pick(States)).Append('\n');
            if (random.Next(5) == 0)
                text.Append("  begins: ").Append(Pick(["place", "open", "start up"])).Append('\n');
        }
        for (var count = random.Next(3); count > 0; count--)
            text.Append("query ").Append(Pick(["All", "Results", "Sales", "Order"])).Append(count).Append(": ")
                .AppendFormat(null, Pick(Queries), Pick(entities), Pick(Names)).Append('\n');
        return text.ToString();

        string Pick(IReadOnlyList<string> from) => from[random.Next(from.Count)];
    }
}

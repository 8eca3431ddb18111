namespace Millrace.Generators.Tests.Analyzers;

/// <summary>
/// Tests the diagnostics and code fixes for effects, clocks and static state in code that can run again.
/// </summary>
public sealed class PurityTests
{
    private const string Events = """
        [Id<Guid>] public readonly partial record struct OrderId;
        [Event("order.placed")] public sealed record OrderPlaced(OrderId Order, decimal Total, DateTimeOffset OccurredAt);
        public sealed record PlaceOrder(OrderId Order, decimal Total) : ICommand;

        """;

    private const string Mailers = """
        public interface IMailer { Task Send(string to); }
        public sealed class SmtpMailer(System.Net.Mail.SmtpClient smtp, Microsoft.Extensions.Logging.ILogger log) : IMailer
        {
            Task IMailer.Send(string to)
            {
                Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(log, "sends");
                return Deliver(to);
            }

            private Task Deliver(string to) => smtp.SendMailAsync("shop", to, "a", "b");
        }
        public abstract class Sender<T> { public abstract Task Send(T what); }
        public sealed class PostSender(System.Net.Http.HttpClient http) : Sender<PlaceOrder>
        {
            public override Task Send(PlaceOrder what) => http.PostAsync("/", null);
        }
        public static class Files { public static Task Note(object what) => System.IO.File.AppendAllTextAsync("a", what.ToString()); }

        """;

    private static string InAggregate(string body) =>
        Events + $"[Stream(\"order\")] public sealed partial class Order : Aggregate<OrderId> {{ {body} }}";

    private static string InWhen(string statement) =>
        InAggregate(
            $"private static int _count; public decimal Total {{ get; private set; }} private void "
                + $"When(OrderPlaced e) {{ {statement} }}"
        );

    private static string InProjection(string apply, string more = "") => Events + $$"""
        public sealed record Sales(decimal Total);
        [Projection("sales")] public sealed partial class SalesProjection : Projection<DateOnly, Sales>
        {
            {{more}}
            public static DateOnly Key(OrderPlaced e) => DateOnly.FromDateTime(e.OccurredAt.Date);
            {{apply}}
        }
        """;

    private static string InHandler(string parameters, string body, string more = "") =>
        Events
        + $"public static class Handlers {{ {more} public static async Task Handle(PlaceOrder c{parameters}) {{ "
        + $"{body} }} }}";

    private static string InDecider(string body) =>
        Events + "[Decider(\"order\")] public static partial class Orders { public static int Initial => 0; "
        + "public static int Evolve(int state, OrderPlaced e) => state + 1; " + body + " }";

    private static string InUpcaster(string body) => Events + """
        [Event("order.placed", Version = 2)] public sealed record OrderPlacedV2(OrderId Order, int Day);
        public static class Upcasters { [Upcast] public static OrderPlacedV2 Newer(OrderPlaced old) {
        """ + body + " } }";

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "MILL0230", InWhen("Console.WriteLine(e);"), "Console.WriteLine" },
            {
                "MILL0231",
                Events + "[Kpi(\"age\")] public static partial class Age { static KpiValue? Measure(OrderPlaced e) => "
                    + "KpiValue.Of(DateTimeOffset.UtcNow - e.OccurredAt); }",
                "UtcNow"
            },
            { "MILL0230", InWhen("System.IO.File.AppendAllText(\"log\", e.ToString());"), "reads or writes files" },
            { "MILL0230", InWhen("_ = Task.Run(() => { });"), "background" },
            {
                "MILL0230",
                InAggregate("public void Place(System.Net.Http.HttpClient http) { _ = http.GetAsync(\"/\"); }"),
                "over the network"
            },
            {
                "MILL0230",
                "using Microsoft.Extensions.Logging;"
                    + InAggregate("public void Place(ILogger log) { log.LogInformation(\"placed\"); }"),
                "writes to a log"
            },
            {
                "MILL0230",
                InProjection("public static Sales? Apply(Sales? s, OrderPlaced e) { Console.Write(e); return s; }"),
                "read"
            },
            {
                "MILL0230",
                InProjection(
                    "public static Sales? Apply(Sales? s, OrderPlaced e) => Load(s);",
                    "private static Sales? Load(Sales? s) { new System.Data.DataTable().Clear(); "
                        + "System.IO.File.Delete(\"a\"); return s; }"
                ),
                "File.Delete"
            },
            {
                "MILL0230",
                InDecider("public static OrderPlaced? Decide(PlaceOrder c, int s) { Console.Write(c); return null; }"),
                "conflict"
            },
            { "MILL0231", InWhen("Total = DateTimeOffset.UtcNow.Day;"), "take it from the event" },
            {
                "MILL0231",
                InWhen(
                    "Total = TimeProvider.System.GetUtcNow().Day;".Replace("TimeProvider.System", "_time")
                        + " } private readonly TimeProvider _time = null!; private void Other() {"),
                "TimeProvider.GetUtcNow"
            },
            { "MILL0231", InWhen("Total = Random.Shared.Next();"), "Random.Shared" },
            {
                "MILL0231",
                InAggregate("public void Place() => Raise(new OrderPlaced(Id, 1, DateTimeOffset.Now));"),
                "from the command"
            },
            { "MILL0231", InAggregate("public Guid Next() => Guid.NewGuid();"), "Guid.NewGuid" },
            { "MILL0231", InAggregate("public string Where() => Environment.MachineName;"), "Environment.MachineName" },
            { "MILL0231", InAggregate("private readonly Random _dice = new();"), "new Random" },
            {
                "MILL0231",
                InAggregate("public long Ticks() => System.Diagnostics.Stopwatch.GetTimestamp();"),
                "Stopwatch.GetTimestamp"
            },
            {
                "MILL0231",
                InProjection("public static Sales? Apply(Sales? s, OrderPlaced e) => new(DateTime.Today.Day);"),
                "this runs again whenever the events are read"
            },
            {
                "MILL0231",
                InDecider(
                    "public static OrderPlaced Decide(PlaceOrder c, int s) => new(c.Order, "
                        + "c.Total, DateTimeOffset.UtcNow);"
                ),
                "take it from the command"
            },
            { "MILL0231", InHandler("", "await Task.Yield(); _ = DateTime.UtcNow;"), "use a TimeProvider" },
            { "MILL0231", InUpcaster("return new(old.Order, DateTime.Now.Day);"), "DateTime.Now" },
            {
                "MILL0231",
                Events
                    + "public static class H { public static void Handle(PlaceOrder c) { }"
                    + " public static void Validate(PlaceOrder c, ValidationProblems p) => "
                    + "p.Require(DateTime.Now.Hour > 8, \"a\", \"b\"); }",
                "DateTime.Now"
            },
            { "MILL0232", InWhen("_count++;"), "keep it in the state" },
            { "MILL0232", InWhen("_count += 2;"), "'_count'" },
            { "MILL0232", InWhen("(Total, _count) = (1, 2);"), "'_count'" },
            {
                "MILL0232",
                InProjection(
                    "public static Sales? Apply(Sales? s, OrderPlaced e) { Seen.Add(e.Order); return s; }",
                    "private static readonly HashSet<OrderId> Seen = [];"),
                "'Seen'"
            },
            {
                "MILL0232",
                InHandler("", "await Task.Yield(); Last = c;", "private static PlaceOrder? Last { get; set; }"),
                "in an event"
            },
            {
                "MILL0235",
                InHandler(", System.Net.Http.HttpClient http", "await http.GetAsync(\"/\");"),
                "over the network"
            },
            {
                "MILL0235",
                InHandler(", System.Net.Mail.SmtpClient mail", "await mail.SendMailAsync(\"a\", \"b\", \"c\", \"d\");"),
                "mail"
            },
            {
                "MILL0235",
                InHandler(", MailKit.Net.Smtp.SmtpClient mail", "await mail.SendAsync(null);"),
                "'MailTransport.SendAsync'"
            },
            {
                "MILL0235",
                InHandler(", MailKit.Net.Smtp.ISmtpClient mail", "await mail.SendAsync(null);"),
                "sends email"
            },
            {
                "MILL0235",
                InHandler(", MailKit.Net.Smtp.SmtpClient mail", "await mail.ConnectAsync(\"a\", 25);"),
                "sends email"
            },
            {
                "MILL0235",
                InHandler(", Outbox outbox", "await outbox.Flush(c);")
                    + "public abstract class Outbox : MailKit.IMailTransport { public abstract Task Flush(object "
                    + "what); }",
                "'Outbox.Flush' sends email"
            },
            { "MILL0235", InHandler("", "await System.IO.File.WriteAllTextAsync(\"a\", \"b\");"), "files" },
            {
                "MILL0235",
                InHandler(", System.Data.Common.DbCommand sql", "await sql.ExecuteNonQueryAsync();"),
                "database"
            },
            {
                "MILL0235",
                InHandler(", EventStore store", "await store.Append(new StreamId(\"a\"), ExpectedVersion.Any, [c]);"),
                "independently of the command"
            },
            {
                "MILL0235", InHandler(", ICommandBus bus", "await bus.Send(c, default);"),
                "independently of the command"
            },
            {
                "MILL0235",
                InHandler(
                    "",
                    "await Tell();",
                    "private static async Task Tell() => await System.IO.File.WriteAllTextAsync(\"a\", \"b\");"),
                "File.WriteAllTextAsync"
            },
            {
                "MILL0235",
                InHandler(", IMailer mailer", "await mailer.Send(\"a\");") + Mailers,
                "'IMailer.Send' calls 'SmtpMailer.Deliver', which sends email"
            },
            { "MILL0235", InHandler("", "await Files.Note(c);") + Mailers, "'Files.Note' reads or writes files" },
            {
                "MILL0235",
                InHandler(", Sender<PlaceOrder> sender", "await sender.Send(c);") + Mailers,
                "'Sender.Send' calls 'PostSender.Send', which calls over the network"
            },
            {
                "MILL0230",
                InWhen("Traces.Write(e);")
                    + "public static class Traces { public static void Write(object e) => Console.Write(e); }",
                "'Traces.Write' writes to the console"
            },
            {
                "MILL0235",
                "namespace RabbitMQ.Client { public interface IChannel { Task Publish(string text); } }\n"
                    + InHandler(", RabbitMQ.Client.IChannel channel", "await channel.Publish(\"a\");")
                        .Replace(Events, "")
                    + "[Id<Guid>] public readonly partial record struct OrderId; public sealed record "
                    + "PlaceOrder(OrderId Order) : ICommand;",
                "uses a message broker"
            },
        };

    public static TheoryData<string> Correct =>
        new(
            InWhen("Total += e.Total;"),
            InWhen("var day = e.OccurredAt.Day; Total = Math.Max(day, System.IO.Path.GetFileName(\"a\").Length);"),
            InAggregate(
                "public void Place(TimeProvider t) => Raise(new OrderPlaced(Id, 1, t.GetUtcNow())); "
                    + "void When(OrderPlaced e) { }"
            ),
            InAggregate(
                "private static readonly HashSet<int> Good = [1]; public int Is(int x) => "
                    + "Good.Count + new Random(x).Next();"
            ),
            InProjection(
                "public static Sales? Apply(Sales? s, OrderPlaced e, RecordedEvent r) => new(r.Timestamp.Day);"),
            InProjection(
                "public static Sales? Apply(Sales? s, OrderPlaced e) { var all = new "
                    + "List<int>(); all.Add(1); return s; }"
            ),
            InHandler(", TimeProvider time", "await Task.Yield(); _ = Guid.CreateVersion7(time.GetUtcNow());"),
            InHandler(
                ", Microsoft.Extensions.Logging.ILogger log",
                "await Task.Yield(); Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(log, \"handled\");"),
            InHandler(", EventStore store, CancellationToken t", "_ = await store.Count(EventFilter.All, t);"),
            InHandler("", "await Task.Yield(); Own.Task.Run();")
                + " namespace Own { public static class Task { public static void Run() { } } }",
            InHandler(
                ", IPrices prices",
                "await Task.Yield(); _ = prices.Of(c.Total); Twice(2); int Twice(int x) => Twice(x);")
                + """
                public interface IPrices { decimal Of(decimal total); }
                public sealed class Prices(Microsoft.Extensions.Logging.ILogger log) : IPrices
                {
                    public decimal Of(decimal total)
                    {
                        Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(log, "asked");
                        return Of(total);
                    }
                }
                """,
            InHandler(", IServiceProvider services", "await Task.Yield(); _ = services.GetService(typeof(string));"),
            "public static class Elsewhere { private static int _n; public static Task Handle(string s) { _n++; "
                + "Console.Write(DateTime.Now);"
                + " return new System.Net.Http.HttpClient().GetAsync(s); } }",
            Events
                + "public sealed record FindOrder(OrderId Order) : IQuery<string>; public static class Queries {"
                + " public static async Task<string> Handle(FindOrder q, System.Net.Http.HttpClient http, "
                + "CancellationToken c) =>"
                + " await http.GetStringAsync(\"/\", c); }");

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_is_reported_with_advice(string id, string source, string advice) =>
        AnalyzerRunner.ExpectOne(id, source, advice);

    [Theory]
    [MemberData(nameof(Correct))]
    public Task Correct_code_is_not_reported(string source) => AnalyzerRunner.ExpectNone(source);

    [Theory]
    [InlineData(", TimeProvider clock", "_ = DateTimeOffset.UtcNow;", "_ = clock.GetUtcNow();")]
    [InlineData(", TimeProvider clock", "_ = DateTime.Now;", "_ = clock.GetLocalNow().DateTime;")]
    [InlineData(", TimeProvider clock", "_ = Guid.NewGuid();", "_ = Guid.CreateVersion7(clock.GetUtcNow());")]
    [InlineData(
        "",
        "_ = DateTime.UtcNow;",
        "(PlaceOrder c, TimeProvider time) { await Task.Yield(); _ = time.GetUtcNow().UtcDateTime;")]
    [InlineData(
        ", CancellationToken x", "_ = DateTime.Today;", "Handle(PlaceOrder c, TimeProvider time, CancellationToken x)")]
    public async Task The_fix_takes_the_time_of_a_handler_from_a_TimeProvider(
        string parameters, string wrong, string right)
    {
        var result = await CodeFixRunner.Fix("MILL0231", InHandler(parameters, "await Task.Yield(); " + wrong));

        Assert.Contains(right, result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_adds_a_parameter_on_its_own_line_when_the_others_have_their_own_lines()
    {
        var result = await CodeFixRunner.Fix("MILL0231", Events + """
            public static class Handlers
            {
                public static void Handle(
                    PlaceOrder command,
                    IServiceProvider services)
                {
                    _ = DateTime.UtcNow;
                }
            }
            """);

        Assert.Contains(
            "services,\n        TimeProvider time)", result.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_takes_the_time_of_an_aggregate_method_from_its_TimeProvider_parameter()
    {
        var result = await CodeFixRunner.Fix("MILL0231", InAggregate(
            "public void Place(TimeProvider time) => Raise(new OrderPlaced(Id, 1, System.DateTimeOffset.UtcNow));"));

        Assert.Contains("new OrderPlaced(Id, 1, time.GetUtcNow())", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OrderPlaced e", "e) => new(e.OccurredAt.Day)")]
    [InlineData("RestockedAgain e", "e, RecordedEvent recorded) => new(recorded.Timestamp.Day)")]
    public async Task The_fix_takes_the_time_of_a_projection_from_the_event(string parameter, string right)
    {
        var apply = $"public static Sales? Apply(Sales? s, {parameter}) => new(DateTimeOffset.UtcNow.Day);";
        var source = InProjection(apply + " public static DateOnly Key(RestockedAgain e) => default;")
            + """[Event("product.restocked-again")] public sealed record RestockedAgain(int Quantity);""";
        var result = await CodeFixRunner.Fix("MILL0231", source, compiles: false);

        Assert.Contains(right, result, StringComparison.Ordinal);
    }
}

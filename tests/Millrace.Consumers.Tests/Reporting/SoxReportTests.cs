using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.Tests.Reporting;

/// <summary>Tests of the report about the control of financial data.</summary>
public sealed class SoxReportTests
{
    private static readonly ReportRequest Sox = new(ReportKind.Sox);

    [Theory]
    [StoreKinds]
    public async Task Each_change_of_a_financial_stream_is_reported_with_its_seal(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada", "invoice 7");
        await app.Pay("payments-1", "create-payment", "ada"); // Another category.
        await app.Pay("invoice-1", "create-invoice", null);
        await app.Seal();
        var last = await app.Pay("payment-1", "approve-payment", "ben");

        var report = await app.Json(Sox with { Evidence = app.Evidence });

        Assert.Equal(
            ["payment-1", "invoice-1", "payment-1"], ReportApp.Texts(report, "changes", "stream"));
        Assert.Equal(["verified", "verified", "unsealed"], ReportApp.Texts(report, "changes", "seal"));
        Assert.Equal(["1", "1", null], ReportApp.Texts(report, "changes", "sealNumber"));
        Assert.Equal(["ada", null, "ben"], ReportApp.Texts(report, "changes", "user"));
        Assert.Equal(["invoice 7", null, null], ReportApp.Texts(report, "changes", "reason"));
        Assert.Equal($"{last}", ReportApp.Texts(report, "changes", "position")[^1]);
        Assert.Equal(["changesUnsealed", "notAnchored"], ReportApp.Kinds(report).Order());
        var summary = report.GetProperty("summary");
        Assert.Equal(3, summary.GetProperty("changes").GetInt64());
        Assert.Equal(1, summary.GetProperty("changesWithoutUser").GetInt64());
        Assert.True(summary.GetProperty("logSound").GetBoolean());
        Assert.True(summary.GetProperty("keyTrusted").GetBoolean());
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_changed_event_is_a_finding(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        var changed = await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("payment-2", "create-payment", "ada");
        await app.Seal();
        await app.Execute($"UPDATE {{events}} SET payload = {{empty}} WHERE position = {changed}");

        var report = await app.Json(Sox);
        var unverified = await app.Json(Sox with { VerifiesSeals = false });

        Assert.Equal(["changed", "verified"], ReportApp.Texts(report, "changes", "seal"));
        Assert.Equal(["seal", "keyNotGiven", "notAnchored"], ReportApp.Kinds(report));
        var seal = ReportApp.Rows(report, "findings").First(row => Text(row, "kind") == "seal");
        Assert.Equal(changed, seal.GetProperty("position").GetInt64());
        Assert.False(report.GetProperty("summary").GetProperty("logSound").GetBoolean());
        Assert.Equal(["sealed", "sealed"], ReportApp.Texts(unverified, "changes", "seal"));
        Assert.False(unverified.GetProperty("summary").GetProperty("sealsVerified").GetBoolean());
        Assert.Contains(">CHANGED</td>", await app.Html(Sox), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_event_that_cannot_be_read_does_not_stop_the_report(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        var damaged = await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("payment-2", "create-payment", "ada");
        await app.Seal();
        await app.Execute($"UPDATE {{events}} SET metadata = '[' WHERE position = {damaged}");

        var report = await app.Json(Sox);

        Assert.Equal(["changed", "verified"], ReportApp.Texts(report, "changes", "seal"));
        Assert.Contains("seal", ReportApp.Kinds(report));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_seal_with_a_wrong_signature_makes_all_events_doubtful(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await using var other = await ReportApp.Start(StoreKind.Sqlite);
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Seal();

        var report = await app.Json(Sox with { Evidence = other.Evidence });

        Assert.Equal(["doubtful"], ReportApp.Texts(report, "changes", "seal"));
        Assert.Equal(["seal", "notAnchored"], ReportApp.Kinds(report));
        await Assert.ThrowsAsync<SealKeyException>(() =>
            app.Json(Sox with { Evidence = new SealEvidence { KeyFiles = ["none.pem"] } }));
    }

    [Theory]
    [StoreKinds]
    public async Task A_user_who_did_both_duties_in_one_stream_is_a_violation(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("payment-2", "approve-payment", "ada"); // Another stream.
        await app.Pay("payment-1", "approve-payment", "ben");
        var none = await app.Json(Sox);
        var second = await app.Pay("payment-1", "approve-payment", "ada");
        await app.Pay("payment-1", "approve-payment", "ada");
        await app.Pay("payment-3", "create-payment", null); // The system has no duties.
        await app.Pay("payment-3", "approve-payment", null);

        var report = await app.Json(Sox);

        Assert.Empty(ReportApp.Rows(none, "dutyConflicts"));
        var row = Assert.Single(ReportApp.Rows(report, "dutyConflicts"));
        Assert.Equal(("done", "user:ada", "payment-1"), (Text(row, "kind"), Text(row, "holder"), Text(row, "stream")));
        Assert.Equal(second, row.GetProperty("secondPosition").GetInt64());
        Assert.Contains("dutiesDone", ReportApp.Kinds(report));
        var at = row.GetProperty("since").GetDateTimeOffset();
        // The first command can be before the period.
        Assert.Single(ReportApp.Rows(await app.Json(Sox with { From = at }), "dutyConflicts"));
        Assert.Empty(ReportApp.Rows(await app.Json(Sox with { To = at }), "dutyConflicts"));
    }

    [Theory]
    [StoreKinds]
    public async Task Users_who_have_both_rights_are_violations_until_a_right_is_revoked(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Grant("ada", "role clerk");
        await app.Grant("ben", "role approver");
        var none = await app.Json(Sox);
        await app.Grant("ada", "role approver");
        var held = await app.Json(Sox);
        await app.Revoke("ada", "role approver");
        var ended = await app.Json(Sox);

        Assert.Empty(ReportApp.Rows(none, "dutyConflicts"));
        var row = Assert.Single(ReportApp.Rows(held, "dutyConflicts"));
        Assert.Equal(("held", "user:ada"), (Text(row, "kind"), Text(row, "holder")));
        Assert.False(row.TryGetProperty("until", out _));
        var until = Assert.Single(ReportApp.Rows(ended, "dutyConflicts")).GetProperty("until").GetDateTimeOffset();
        Assert.Empty(ReportApp.Rows(await app.Json(Sox with { From = until }), "dutyConflicts"));
        Assert.Equal(
            ["declared", "granted", "granted", "granted", "revoked"],
            ReportApp.Texts(ended, "rightChanges", "change"));
        Assert.Contains("dutiesHeld", ReportApp.Kinds(ended));
    }

    [Theory]
    [StoreKinds]
    public async Task A_role_that_receives_both_rights_is_a_violation_with_its_users(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Grant("ada", "role clerk");

        await app.Access.Grant(AccessGrantee.Role("clerk"), "role approver", new AccessAuthor(null, "cover"));
        var report = await app.Json(Sox);

        Assert.Equal(["role:clerk", "user:ada"], ReportApp.Texts(report, "dutyConflicts", "holder").Order());
        Assert.Equal(["approver", "clerk"], ReportApp.Texts(report, "roles", "role"));
    }

    [Theory]
    [StoreKinds]
    public async Task Removals_and_denied_requests_are_reported(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("order-1", "create-order", "ada");
        await app.Store.Truncate(new StreamId("payment-1"), 2, "by law", "ben");
        await app.Store.Delete(new StreamId("order-1"), ExpectedVersion.Any, "not financial", "ben");
        var denied = new AuditEntry("command.pay", "pay", AuditResult.Denied) { User = "eve" };
        await AuditTrails.Of(app.Store).Record(denied, default);

        var report = await app.Json(Sox);

        var removal = Assert.Single(ReportApp.Rows(report, "removals"));
        Assert.Equal(("payment-1", "by law", "ben"),
            (Text(removal, "stream"), Text(removal, "reason"), Text(removal, "user")));
        Assert.Equal(["eve"], ReportApp.Texts(report, "denied", "user"));
        Assert.Single(ReportApp.Rows(report, "changes"));
        Assert.Contains("seal", ReportApp.Kinds(report)); // The log has no seal.
    }

    [Theory]
    [StoreKinds]
    public async Task An_empty_store_has_a_report_with_findings(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);

        var report = await ReportApp.Json(Reports.Of(store), Sox);

        Assert.Equal(["notDeclared", "seal"], ReportApp.Kinds(report).Order());
        Assert.Empty(ReportApp.Rows(report, "changes"));
    }

    [Fact]
    public async Task A_page_has_at_most_20000_rows_of_a_section_and_json_has_all()
    {
        const int Count = 20_005;
        await using var app = await ReportApp.Start(StoreKind.Memory);
        var content = NewEvent.FromBytes("payment.changed", "{}"u8.ToArray());
        for (var i = 0; i < Count; i += 1_000)
            await app.Store.Append(
                new StreamId("payment-1"),
                ExpectedVersion.Any,
                [.. Enumerable.Range(0, Math.Min(1_000, Count - i)).Select(_ => content with { Id = Guid.NewGuid() })]);

        var html = await app.Html(Sox with { VerifiesSeals = false });
        var json = await app.Json(Sox with { VerifiesSeals = false });

        Assert.Contains("5 more rows are not shown.", html, StringComparison.Ordinal);
        Assert.Equal(Count, ReportApp.Rows(json, "changes").Count);
    }

    [Theory]
    [StoreKinds]
    public async Task A_financial_category_without_a_stream_is_a_finding(StoreKind kind)
    {
        await using var app = await ReportApp.Start(
            kind, reports => reports.Financial("paymnet", "payment", "invoice", "shop"));
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("shop", "create-payment", "ada");

        var report = await app.Json(Sox with { VerifiesSeals = false });

        var findings = ReportApp.Rows(report, "findings")
            .Where(row => Text(row, "kind") == "categoryUnknown").Select(row => Text(row, "message"));
        Assert.Equal(
            [
                "Financial streams: no stream has the category 'invoice'. Categories of the store: payment, shop.",
                "Financial streams: no stream has the category 'paymnet'. Categories of the store: payment, shop.",
            ],
            findings.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("send create-paiment", "send approve-payment", "did you mean 'create-payment'?")]
    [InlineData("send create-payment", "role clerc", "did you mean 'clerk'?")]
    [InlineData("ask xyz", "role clerk", "there is no query 'xyz'")]
    public async Task A_separate_duty_with_an_unknown_name_is_refused_at_start(
        string first, string second, string problem)
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(
            () => ReportApp.Start(StoreKind.Memory, reports => reports.Separate(first, second)));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Contains("separate duty", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_category_that_neither_the_model_nor_a_stream_has_is_logged_at_start()
    {
        var log = new RecordedLog();
        await using var app = await ReportApp.Start(
            StoreKind.Memory,
            reports => reports.Financial("persn", "invoice", "person"),
            millrace => millrace.Services.AddSingleton<ILoggerFactory>(log),
            prepare: store => store.Append(
                new StreamId("invoice-1"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("invoice.sent", "{}"u8.ToArray())]));

        var (level, _, warning) = Assert.Single(log.Entries, entry => entry.Id == 17005);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("Did you mean 'person'?", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Declarations_that_cannot_be_compared_are_refused()
    {
        var reports = new ReportsBuilder();

        Assert.Throws<ArgumentException>(() => reports.Financial("payment-1"));
        Assert.Throws<ArgumentException>(() => reports.Separate("send pay", "send pay"));
        Assert.Throws<ArgumentException>(() => reports.Separate("send *", "send pay"));
        Assert.Throws<ArgumentException>(() => reports.Separate("send pay if id is sub", "send approve"));
        Assert.Throws<AccessRightException>(() => reports.Separate("approve payment", "create payment"));
        var activity = new ProcessingActivity("Orders", "sales", "contract");
        reports.Activity(activity);
        Assert.Throws<ArgumentException>(() => reports.Activity(activity));
    }

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();
}

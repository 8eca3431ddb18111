using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Reporting;

namespace Millrace.Tests.Reporting;

/// <summary>Tests that a report names what it does not contain or could not compare.</summary>
public sealed class ReportCoverageTests
{
    private static readonly ReportRequest Sox = new(ReportKind.Sox);
    private static readonly ReportRequest Gdpr = new(ReportKind.Gdpr);

    [Theory]
    [StoreKinds]
    public async Task Removals_after_the_period_and_from_the_audit_trail_are_reported(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("payment-1", "create-payment", "ada");
        var denied = new AuditEntry("command.pay", "pay", AuditResult.Denied) { User = "eve" };
        await AuditTrails.Of(app.Store).Record(denied, default);
        await AuditTrails.Of(app.Store).Record(denied, default);
        var end = DateTimeOffset.UtcNow;
        await app.Store.Truncate(new StreamId("payment-1"), 2, "by law", "ben");
        await app.Store.Truncate(new StreamId("$audit"), 2, "old", "ben");

        var sox = await app.Json(Sox with { To = end });
        var gdpr = await app.Json(Gdpr with { To = end });
        var later = await app.Json(Sox with { From = DateTimeOffset.UtcNow });

        Assert.Equal(["$audit", "payment-1"], ReportApp.Texts(sox, "removals", "stream").Order());
        Assert.Contains("changesRemoved", ReportApp.Kinds(sox));
        Assert.Equal(["$audit"], ReportApp.Texts(gdpr, "removals", "stream"));
        Assert.Equal(["changesRemoved"], ReportApp.Kinds(gdpr));
        Assert.Empty(ReportApp.Rows(later, "removals"));
        Assert.DoesNotContain("changesRemoved", ReportApp.Kinds(later));
    }

    [Theory]
    [StoreKinds]
    public async Task A_violation_is_reported_in_each_period_in_which_it_is_repeated(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        var created = await app.Pay("payment-1", "create-payment", "ada");
        var approved = await app.Pay("payment-1", "approve-payment", "ada");
        var again = await app.Pay("payment-1", "approve-payment", "ada");
        var start = await app.TimeOf(again);
        await app.Pay("payment-2", "approve-payment", "ada"); // Only one duty.

        var first = Assert.Single(ReportApp.Rows(await app.Json(Sox with { To = start }), "dutyConflicts"));
        var second = Assert.Single(ReportApp.Rows(await app.Json(Sox with { From = start }), "dutyConflicts"));

        Assert.Equal((created, approved), Positions(first));
        Assert.Equal((created, again), Positions(second));
    }

    [Fact]
    public async Task A_tenant_in_a_shared_store_has_no_findings_about_the_events_of_others()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory().WithTenants().AddReports(reports => reports.Financial("payment")));
        using var host = builder.Build();
        await host.StartAsync();
        var tenants = host.Services.GetRequiredService<Tenants>();
        foreach (var name in (string[])["acme", "other"])
        {
            await tenants.Create(new TenantId(name));
            await using var scope = await tenants.Enter(new TenantId(name));
            await scope.Store.Append(
                new StreamId("payment-1"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("payment.changed", "{}"u8.ToArray())]);
        }

        await using var acme = await tenants.Enter(new TenantId("acme"));
        var report = await ReportApp.Json(acme.Services.GetRequiredService<Reports>(), Sox);

        Assert.Equal(["sealsUnsupported"], ReportApp.Kinds(report));
        Assert.False(report.GetProperty("summary").GetProperty("sealsVerified").GetBoolean());
        Assert.Single(ReportApp.Rows(report, "changes"));
        await host.StopAsync();
    }

    [Theory]
    [StoreKinds]
    public async Task A_role_that_completes_the_rights_of_all_signed_in_users_is_a_violation(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);

        await app.Access.Grant(
            AccessGrantee.Role("authenticated"), "send approve-payment", new AccessAuthor(null, "mistake"));
        var report = await app.Json(Sox);

        Assert.Equal(["role:clerk"], ReportApp.Texts(report, "dutyConflicts", "holder"));
    }

    [Theory]
    [DatabaseKinds]
    public async Task Sealed_events_after_a_missing_one_are_doubtful(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada");
        var missing = await app.Pay("payment-2", "create-payment", "ada");
        await app.Pay("payment-3", "create-payment", "ada");
        await app.Seal();
        await app.Execute($"DELETE FROM {{events}} WHERE position = {missing}");

        var report = await app.Json(Sox);

        Assert.Equal("doubtful", ReportApp.Texts(report, "changes", "seal")[^1]);
    }

    [Theory]
    [StoreKinds]
    public async Task Missing_evidence_is_a_finding(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Seal();
        var sealedOnly = await app.Json(Sox);
        var withKey = await app.Json(Sox with { Evidence = app.Evidence });
        await app.Pay("payment-1", "create-payment", "ada");
        var unverified = await app.Json(Sox with { VerifiesSeals = false });

        Assert.Equal(["keyNotGiven", "notAnchored"], ReportApp.Kinds(sealedOnly));
        Assert.Equal(["notAnchored"], ReportApp.Kinds(withKey));
        Assert.Equal(["changesUnsealed", "sealsNotVerified"], ReportApp.Kinds(unverified).Order());
    }

    [Theory]
    [StoreKinds]
    public async Task Exports_by_the_application_are_reported(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Register(1, "Ada");

        await app.Erasures.Export("person-1");
        var report = await app.Json(Gdpr);

        Assert.Equal(["erasures.exported"], ReportApp.Texts(report, "exports", "action"));
        Assert.Equal(["person-1"], ReportApp.Texts(report, "exports", "resource"));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_request_whose_certificate_was_changed_stays_in_the_report(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Register(1, "Ada");
        await app.Request("done", 1, TimeSpan.FromDays(3));
        await app.Erase("done");
        await app.Execute("UPDATE {events} SET payload = {certificate} WHERE position = "
            + (await app.Erasures.Find("done"))!.Steps[^1].Position);

        var report = await app.Json(Gdpr);

        var row = Assert.Single(ReportApp.Rows(report, "requests"));
        Assert.Equal("done", row.GetProperty("id").GetString());
        Assert.True(row.GetProperty("isCertificateChanged").GetBoolean());
        Assert.Contains("erasureUnreadable", ReportApp.Kinds(report));
        Assert.Contains(">CHANGED</td>", await app.Html(Gdpr), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_unreadable_event_of_an_erasure_does_not_hide_other_requests(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Register(1, "Ada");
        await app.Register(2, "Bob");
        await app.Request("first", 1, TimeSpan.FromDays(3));
        await app.Request("second", 2, TimeSpan.FromDays(3));
        await app.Erasures.Hold("person-2", "lawsuit", "ben");
        var broken = (await app.Erasures.Find("first"))!.Steps[0].Position;
        await app.Execute($"UPDATE {{events}} SET payload = {{broken}} WHERE position = {broken}");

        var report = await app.Json(Gdpr);

        Assert.Equal(["second"], ReportApp.Texts(report, "requests", "id"));
        Assert.Equal(["person-2"], ReportApp.Texts(report, "legalHolds", "subject"));
        Assert.Equal(["erasureUnreadable"], ReportApp.Kinds(report));
        Assert.Equal(broken, ReportApp.Rows(report, "findings")[0].GetProperty("position").GetInt64());
    }

    [Theory]
    [StoreKinds]
    public async Task A_changed_declaration_hides_no_financial_streams_and_duties_of_the_period(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Pay("payment-1", "create-payment", "ada");
        await app.Pay("payment-1", "approve-payment", "ada");
        var reduced = new ReportDeclaration { Financial = ["order"], Controller = new DataController("New", "street") };
        await new ReportLog(app.Store).Declare(reduced, default);
        var end = await app.TimeOf(await app.Pay("order-1", "create-order", "ada"));

        var tool = Reports.Of(app.Store);
        var report = await ReportApp.Json(tool, Sox);
        var later = await ReportApp.Json(tool, Sox with { From = end });
        var past = await ReportApp.Json(tool, Sox with { To = end });
        var before = await ReportApp.Json(tool, Sox with { To = DateTimeOffset.UtcNow.AddDays(-1) });

        Assert.Equal(["payment-1", "payment-1", "order-1"], ReportApp.Texts(report, "changes", "stream"));
        Assert.Single(ReportApp.Rows(report, "dutyConflicts"));
        Assert.Equal(2, ReportApp.Rows(report, "declarations").Count);
        Assert.Contains("declarationReduced", ReportApp.Kinds(report));
        Assert.Equal("New", report.GetProperty("controller").GetProperty("name").GetString());
        Assert.Equal(["order-1"], ReportApp.Texts(later, "changes", "stream"));
        Assert.DoesNotContain("declarationReduced", ReportApp.Kinds(later));
        Assert.Equal(2, ReportApp.Rows(past, "changes").Count);
        Assert.Contains("declaredLater", ReportApp.Kinds(before));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_declaration_that_cannot_be_read_is_a_finding(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        await app.Execute("UPDATE {events} SET payload = {broken} WHERE position = "
            + (await app.Store.ReadStream(new StreamId("$reports")).FirstAsync()).Position);

        var report = await ReportApp.Json(Reports.Of(app.Store), Sox);

        Assert.Contains("declarationUnreadable", ReportApp.Kinds(report));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_damaged_audit_entry_does_not_cut_the_report(StoreKind kind)
    {
        await using var app = await ReportApp.Start(kind);
        var denied = new AuditEntry("command.pay", "pay", AuditResult.Denied) { User = "eve" };
        await AuditTrails.Of(app.Store).Record(denied, default);
        var damaged = (await app.Store.GetToken()).Position;
        await AuditTrails.Of(app.Store).Record(denied with { User = "mallory" }, default);
        await app.Execute($"UPDATE {{events}} SET payload = {{broken}} WHERE position = {damaged}");

        var report = await app.Json(Sox);

        Assert.Equal(["mallory"], ReportApp.Texts(report, "denied", "user"));
        Assert.Contains("sourceUnreadable", ReportApp.Kinds(report));
    }

    [Fact]
    public async Task More_than_1000_events_that_cannot_be_read_are_a_finding()
    {
        await using var app = await ReportApp.Start(StoreKind.Sqlite);
        var first = await app.Pay("payment-1", "create-payment", "ada");
        for (var i = 1; i <= 1_001; i++)
            await app.Pay("payment-1", "create-payment", "ada");
        await app.Execute($"UPDATE {{events}} SET type = 9999 WHERE position > {first}");

        var report = await app.Json(Sox with { VerifiesSeals = false });

        var finding = ReportApp.Rows(report, "findings")
            .Single(row => row.GetProperty("kind").GetString() == "logIncomplete");
        Assert.Equal(first + 1_001, finding.GetProperty("position").GetInt64());
    }

    private static (long First, long Second) Positions(JsonElement row) =>
        (row.GetProperty("firstPosition").GetInt64(), row.GetProperty("secondPosition").GetInt64());
}

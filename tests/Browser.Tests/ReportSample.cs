using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace;

namespace Browser.Tests;

/// <summary>Pages of reports about a store with requests, rights and payments, some of which are findings.</summary>
internal static class ReportSample
{
    public const string Hostile = "<img src=x onerror=alert(1)>";
    public const int Payments = 120;

    /// <summary>Returns a report as HTML.</summary>
    public static async Task<byte[]> Page(ReportKind kind)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var host = Build(key);
        await host.StartAsync();
        await Fill(host.Services);
        using var output = new MemoryStream();
        await host.Services.GetRequiredService<Reports>()
            .Write(new ReportRequest(kind) { Format = ReportFormat.Html }, output);
        await host.StopAsync();
        return output.ToArray();
    }

    private static IHost Build(ECDsa key)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory()
            .UseInMemoryKeys()
            .AddModel(model => model.Protect(
                "customer.registered",
                new ProtectedMember("/email") { Kind = "contact" },
                new ProtectedMember("/name")))
            .AddAudit()
            .AddErasures(options =>
                (options.PrivateKeyPem, options.SettleTime) = (key.ExportPkcs8PrivateKeyPem(), TimeSpan.Zero))
            .AddAccessControl(access => access
                .AddNames(AccessAction.Send, "create-payment", "approve-payment")
                .Role("clerk", role => role.May("send create-payment"))
                .Role("approver", role => role.May("send approve-payment")))
            .AddReports(Declare));
        return builder.Build();
    }

    private static void Declare(ReportsBuilder reports) => reports
        .Controller(new DataController("Harbour Goods Ltd", "1 Quay Street, Hamburg")
        {
            DataProtectionOfficer = "dpo@harbour.example",
        })
        .Activity(new ProcessingActivity("Orders", "Sale and delivery of goods", "contract (art. 6(1)(b))")
        {
            Subjects = ["customers"],
            Data = ["names", "addresses", "e-mail addresses"],
            Recipients = ["carriers", "payment services"],
            Retention = "10 years after the order",
            Measures = ["encryption with a key for each person", "roles", "audit trail"],
        })
        .Activity(new ProcessingActivity("Newsletter", Hostile, "consent (art. 6(1)(a))")
        {
            Subjects = ["subscribers"],
            Data = ["e-mail addresses"],
            Transfers = ["mail service in the USA (standard contractual clauses)"],
            Retention = "until the consent is withdrawn",
        })
        .Financial("payment")
        .Separate("send create-payment", "send approve-payment", "four eyes");

    private static async Task Fill(IServiceProvider services)
    {
        var store = services.GetRequiredService<EventStore>();
        var erasures = services.GetRequiredService<Erasures>();
        for (var customer = 1; customer <= 3; customer++)
        {
            const string Registered = """{"email":"a@b.example"}""";
            await Append(store, $"customer-{customer}", "customer.registered", Registered, null, null);
            await erasures.Request(new ErasureRequest($"request-{customer}", $"customer-{customer}", "by letter", "ann")
            {
                RequestedAt = DateTimeOffset.UtcNow.AddDays(-20 * customer),
            });
        }
        await erasures.Approve("request-1", "ben");
        await erasures.CarryOut("request-1");
        var access = services.GetRequiredService<AccessControl>();
        foreach (var right in (string[])["role clerk", "role approver"])
            await access.Grant(AccessGrantee.User("ada"), right, new AccessAuthor(null, Hostile));
        for (var i = 1; i <= Payments; i++)
        {
            var user = i % 2 == 0 ? "ada" : "ben";
            await Append(store, $"payment-{i % 7}", "payment.created", "{}", user, "create-payment");
        }
        await Append(store, "payment-3", "payment.approved", "{}", "ada", "approve-payment");
    }

    private static Task<AppendResult> Append(
        EventStore store, string stream, string type, string json, string? user, string? command) =>
        store.Append(
            new StreamId(stream),
            ExpectedVersion.Any,
            [
                NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json)) with
                {
                    Metadata = new EventMetadata { UserId = user, Command = command },
                },
            ]);
}

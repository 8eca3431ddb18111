using System.Net;
using System.Text.Json.Nodes;
using Commerce.Mailing;
using Commerce.Operating;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Servers;

namespace Commerce.Tests.Operations;

/// <summary>Tests the alerts of the shop.</summary>
public sealed class ShopAlertTests : IDisposable
{
    private static readonly Dictionary<string, string?> Channels = new()
    {
        ["Millrace:Notifications:mail:From"] = "shop@shop.example",
        ["Millrace:Notifications:mail:To:0"] = "ops@shop.example",
        ["Millrace:Notifications:webhook:Url"] = "https://incidents.example/hook",
    };

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_operator_sees_the_rules_and_the_alerts_that_fire()
    {
        await using var shop = ShopApplication.Create(
            new ShopOptions { Data = _data.Path, Simulates = false },
            port: 0,
            builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Millrace:Alerts:Interval"] = "00:00:01",
                ["Millrace:Alerts:Rules:dead-letters:Threshold"] = "-1",
                ["Millrace:Monitor:SampleInterval"] = "00:00:01",
            }));
        await shop.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(shop.Urls.First()) };

        using var anonymous = await http.GetAsync("/millrace/alerts/rules");
        await Staff.SignIn(http, http.BaseAddress, "operator");
        var rules = await Eventually.Get(
            async () => JsonNode.Parse(await http.GetStringAsync("/millrace/alerts/rules"))!.AsArray(),
            static rules => StatesOf(rules, "dead-letters").Contains("Firing"),
            TimeSpan.FromMinutes(4));

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Empty(StatesOf(rules, "query-latency"));
    }

    [Theory]
    [InlineData(false, "log")]
    [InlineData(true, "log, mail, webhook")]
    public async Task Alerts_are_sent_to_the_configured_channels(bool isConfigured, string channels)
    {
        var options = new ShopOptions { Smtp = new SmtpOptions { Host = "mail.example", Port = 2525 } };
        var builder = Host.CreateApplicationBuilder();
        if (isConfigured)
            builder.Configuration.AddInMemoryCollection(Channels);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(Path.Combine(_data.Path, "shop.db"))
            .UseShopAlerts(options, builder.Configuration));
        using var host = builder.Build();

        await host.StartAsync(); // The channels and their options are checked.
        var used = host.Services.GetRequiredService<IOptions<AlertOptions>>().Value.Channels;
        await host.StopAsync();

        Assert.Equal(channels, string.Join(", ", used));
    }

    [Theory]
    [InlineData(SmtpSecurity.None, false)]
    [InlineData(SmtpSecurity.Required, true)]
    public async Task The_file_of_an_authority_is_used_only_with_TLS(SmtpSecurity security, bool isUsed)
    {
        var file = Path.Combine(_data.Path, "ca.pem");
        using (var certificate = SelfSignedCertificate.Of("localhost"))
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        var smtp = new SmtpOptions { Host = "mail.example", Security = security, TrustedCertificates = file };
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(Channels);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(Path.Combine(_data.Path, "shop.db"))
            .UseShopAlerts(new ShopOptions { Smtp = smtp }, builder.Configuration));
        using var host = builder.Build();

        await host.StartAsync(); // The options of the channels are checked.
        await host.StopAsync();
        var mail = new MailOptions();
        ShopAlerts.UseServer(mail, smtp);

        Assert.Equal(isUsed ? file : null, mail.CertificateAuthorityFile);
    }

    /// <summary>Returns the states of the alerts of a rule, which exists.</summary>
    private static IEnumerable<string> StatesOf(JsonArray rules, string name) =>
        Assert.Single(rules, rule => rule!["rule"]!["name"]!.GetValue<string>() == name)!["alerts"]!.AsArray()
            .Select(static alert => alert!["state"]!.GetValue<string>());
}

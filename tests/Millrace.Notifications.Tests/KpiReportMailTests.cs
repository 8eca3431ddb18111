using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;
using MimeKit;

namespace Millrace.Notifications.Tests;

/// <summary>Reports about business figures, sent by an application to a real SMTP server.</summary>
public sealed class KpiReportMailTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [SmtpFact]
    public async Task A_requested_report_arrives_as_text_and_as_a_page()
    {
        await using var server = await SmtpServer.Start();
        using var host = HostOf(server.Port);
        await host.StartAsync();
        var monitor = host.Services.GetRequiredService<KpiMonitor>();
        await host.Services.GetRequiredService<EventStore>().Append(
            new StreamId("order-1"),
            ExpectedVersion.Any,
            [new GoodsSold("Île-de-France", 80_995, Monday), new GoodsSold("Île-de-France", -80_995, Monday)]);
        var id = await Eventually.Get(
            async () => await TryRequest(monitor), static id => id is not null, TimeSpan.FromMinutes(1));
        var isSent = await monitor.WaitForReport(id!, TimeSpan.FromMinutes(1));
        await host.StopAsync();

        Assert.True(isSent);
        using var mail = Parse(Assert.Single(server.Mails()));
        Assert.Equal("Business figures: Week 10 of 2026", mail.Subject);
        Assert.Equal($"{id}@shop.example", mail.MessageId);
        Assert.Equal(["office@shop.example", "boss@shop.example"], mail.To.Mailboxes.Select(to => to.Address));
        Assert.Contains("single event of units is 80,995", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("cancelled in the same hour", mail.TextBody, StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("80,995", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ReportChannels", "pager", "there is no channel 'pager' that sends reports")]
    [InlineData("ReportChannels", "log", "there is no channel 'log' that sends reports")]
    [InlineData("AlertChannels", "pager", "there is no channel 'pager'")]
    [InlineData("ReportHour", "24", "Millrace:KpiMonitor:ReportHour")]
    [InlineData("TimeZone", "Nowhere", "Millrace:KpiMonitor:TimeZone")]
    [InlineData("Intervall", "00:00:05", "Did you mean 'Interval'?")]
    public async Task The_host_does_not_start_with_a_problem(string key, string value, string problem)
    {
        using var host = HostOf(25, new() { [$"Millrace:KpiMonitor:{key}"] = value });

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Requests a report; null until the application has declared its channels.</summary>
    private static async Task<string?> TryRequest(KpiMonitor monitor)
    {
        try
        {
            return await monitor.RequestReport(new DateOnly(2026, 3, 2), new DateOnly(2026, 3, 8), "ada");
        }
        catch (KpiReportNotSentException exception)
            when (exception.Message.Contains("declared", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static MimeMessage Parse(string mail)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(mail));
        return MimeMessage.Load(stream);
    }

    private static IHost HostOf(int port, Dictionary<string, string?>? settings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory()
            .AddModel(static model => model.Event("goods.sold", 1, SoldJson.Default.GoodsSold).Kpi(new KpiDefinition
            {
                Name = "units",
                Dimensions = ["country"],
                Events = [typeof(GoodsSold)],
                Measure = static (recorded, values) =>
                {
                    if (recorded.Data is GoodsSold sold)
                        values.Add(KpiValue.Of(sold.Units).At(sold.At).By("country", sold.Country));
                },
            }))
            .UseAlerts(alerts => alerts.AddMail("office", mail =>
            {
                (mail.Host, mail.Port, mail.Security) = ("127.0.0.1", port, MailSecurity.None);
                mail.From = "shop@shop.example";
                mail.To = ["office@shop.example", "boss@shop.example"];
            }))
            .UseKpiMonitor(static options =>
            {
                options.Interval = TimeSpan.FromSeconds(1);
                options.ReportChannels = ["office"];
            }));
        return builder.Build();
    }
}

/// <summary>Goods were sold; negative units are a cancellation.</summary>
public sealed record GoodsSold(string Country, decimal Units, DateTimeOffset At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GoodsSold))]
internal sealed partial class SoldJson : JsonSerializerContext;

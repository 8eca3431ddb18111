using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Commerce.Orders;
using Commerce.Payments;
using Microsoft.Extensions.DependencyInjection;
using WebhookSignature = CardPayments.Webhooks.WebhookSignature;

namespace Commerce.Tests.Payments;

/// <summary>Tests genuine and forged webhooks of the payment service.</summary>
public sealed class PaymentWebhookTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Fact]
    public async Task An_order_with_a_late_answer_is_shipped_after_the_webhook()
    {
        var product = await shop.GivenProduct(price: 10, quantity: 10);
        var order = await shop.GivenOrder(product, quantity: 3);

        var checkout = await Checkout(order, card: "visa-3220");

        await Status(order, "shipped", after: checkout);
        var fulfilment = await Eventually.Get( // The process may be later than the order.
            async () => await RunningShop.Json(await shop.Http.GetAsync($"/api/orders/{order}/fulfilment")),
            static shown => shown.ToJsonString().Contains("awaiting", StringComparison.Ordinal));
        Assert.Equal("running", fulfilment["tries"]![0]!["state"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("visa-3063", "The card holder did not agree.")]
    [InlineData("visa-0002", "The card was refused.")]
    public async Task A_late_refusal_undoes_the_order_as_an_immediate_refusal_does(string card, string reason)
    {
        var product = await shop.GivenProduct(price: 10, quantity: 10);
        var order = await shop.GivenOrder(product, quantity: 3);

        var checkout = await Checkout(order, card);

        var view = await Status(order, "paymentFailed", after: checkout);
        Assert.Equal(reason, view["reason"]!.GetValue<string>());
        await Eventually.Get( // The read model of products may be later than the read model of orders.
            async () => await RunningShop.Json(await shop.Http.GetAsync($"/api/products/{product}")),
            static shown => shown["availableQuantity"]!.GetValue<int>() == 10);
    }

    [Fact]
    public async Task A_repeated_webhook_has_only_one_effect()
    {
        var (id, now) = (Guid.NewGuid().ToString(), DateTimeOffset.UtcNow);
        var body = $$"""{"type":"charge.refunded","charge":"{{Guid.NewGuid()}}","reference":"x","amount":1,"currency":"GBP"}""";

        var first = await Post(id, now, body);
        var again = await Post(id, now, body);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (first.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task A_message_about_an_unknown_payment_must_be_sent_again()
    {
        var body = $$"""
            {"type":"charge.captured","charge":"{{Guid.NewGuid()}}","reference":"x","amount":1,"currency":"GBP","transactionId":"t"}
            """;

        Assert.Equal(
            HttpStatusCode.NotFound, (await Post(Guid.NewGuid().ToString(), DateTimeOffset.UtcNow, body)).StatusCode);
    }

    [Fact]
    public async Task A_message_that_arrives_before_the_commit_of_its_request_is_accepted()
    {
        var (now, fulfilment) = (DateTimeOffset.UtcNow, FulfilmentId.Of(new OrderId(Guid.NewGuid()), 1));
        var payment = fulfilment.Payment;
        var body = $$"""
            {"type":"charge.captured","charge":"{{payment.Value}}","reference":"x","amount":10,"currency":"GBP","transactionId":"t"}
            """;

        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = Refusals(payment, refused);
        var webhook = Post(Guid.NewGuid().ToString(), now, body);
        await refused.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(webhook.IsCompleted, "The shop answered before the payment existed.");
        await shop.Services.GetRequiredService<EventStore>().Append(
            StreamId.For("payment", payment.Value), ExpectedVersion.NoStream,
            [new PaymentRequested(payment, fulfilment.Order, fulfilment, Money.InPounds(10), "visa-4242", now)]);

        Assert.Equal(HttpStatusCode.NoContent, (await webhook).StatusCode);
        await Eventually.Get( // The read model may be late.
            async () => await (await shop.Http.GetAsync($"/api/payments/{payment.Value}")).Content.ReadAsStringAsync(),
            static shown => shown.Contains("\"captured\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_with_an_invalid_or_old_signature_is_refused()
    {
        var now = DateTimeOffset.UtcNow;
        const string Body = """{"type":"charge.captured"}""";

        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("1", now, Body, sent: Body + " ")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("1", now, Body, secret: "another")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("1", now.AddMinutes(-6), Body)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Post("1", now.AddMinutes(6), Body)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await shop.Post("/api/payments/webhook", new { })).StatusCode);
        Assert.Equal("bad-signature", await RunningShop.Error(await shop.Post("/api/payments/webhook", new { })));
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("1", now, "nonsense")).StatusCode);
    }

    [Fact]
    public async Task An_endless_message_is_not_read()
    {
        var answer = await Post("1", DateTimeOffset.UtcNow, new string('x', 100_000));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    /// <summary>
    /// Returns a listener that completes a task when a command is refused because a payment is missing.
    /// </summary>
    private static ActivityListener Refusals(PaymentId payment, TaskCompletionSource refused)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MillraceTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.StatusDescription?.Contains($"{payment.Value}", StringComparison.Ordinal) == true)
                    refused.TrySetResult();
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private async Task<HttpResponseMessage> Checkout(string order, string card)
    {
        var answer = await shop.Post($"/api/orders/{order}/checkout", new { card });
        await RunningShop.Json(answer);
        return answer;
    }

    private Task<JsonNode> Status(string order, string status, HttpResponseMessage after) => Eventually.Get(
        async () => await RunningShop.Json(await shop.Get($"/api/orders/{order}", after)),
        view => view["status"]!.GetValue<string>() == status,
        TimeSpan.FromMinutes(2));

    private async Task<HttpResponseMessage> Post(
        string id, DateTimeOffset time, string body, string? sent = null, string? secret = null)
    {
        secret ??= shop.Services.GetRequiredService<CardPaymentsAddress>().Secret;
        var seconds = time.ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/payments/webhook")
        {
            Content = new StringContent(sent ?? body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(
            WebhookSignature.SignatureHeader, WebhookSignature.Of(secret, id, seconds, Encoding.UTF8.GetBytes(body)));
        return await shop.Http.SendAsync(request);
    }
}

using CardPayments.Faults;
using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Payments;

/// <summary>Tests the payment service through its HTTP API and through the client of the shop.</summary>
public sealed class CardPaymentsTests(RunningCardPayments service) : IClassFixture<RunningCardPayments>
{
    [Theory]
    [InlineData("visa-4242", "captured")]
    [InlineData("visa-0002", "declined")]
    [InlineData("visa-9995", "declined")]
    [InlineData("visa-3220", "pending")]
    public async Task A_charge_is_captured_declined_or_pending(string card, string status)
    {
        var (code, charge) = await service.Charge(Guid.NewGuid(), card);

        Assert.Equal((200, status), (code, Text(charge, "status")));
    }

    [Fact]
    public async Task A_repeated_charge_is_captured_once_with_or_without_a_key()
    {
        var id = Guid.NewGuid();

        var first = await service.Charge(id, key: "one");
        var again = await service.Charge(id, key: "one");
        var other = await service.Charge(id, key: "two");
        var different = await service.Charge(id, amount: 31, key: "three");
        var reused = await service.Charge(id, amount: 31, key: "one");

        Assert.All(
            [again, other],
            answer => Assert.Equal(Text(first.Body, "transactionId"), Text(answer.Body, "transactionId")));
        Assert.Equal((422, "same-charge"), (different.Status, Text(different.Body, "error")));
        Assert.Equal((422, "idempotency-key-reused"), (reused.Status, Text(reused.Body, "error")));
    }

    [Fact]
    public async Task An_authorized_charge_is_captured_later_or_voided()
    {
        var (captureId, voidId) = (Guid.NewGuid(), Guid.NewGuid());
        await service.Charge(captureId, captures: false);
        await service.Charge(voidId, captures: false);

        var captured = await service.Post($"/charges/{captureId}/capture", new { });
        var voided = await service.Post($"/charges/{voidId}/refund", new { reason = "no longer wanted" });
        var late = await service.Post($"/charges/{voidId}/capture", new { });

        Assert.Equal(("captured", "voided"), (Text(captured.Body, "status"), Text(voided.Body, "status")));
        Assert.Equal((409, "charge-authorized"), (late.Status, Text(late.Body, "error")));
    }

    [Fact]
    public async Task Refunds_never_exceed_the_captured_amount_and_happen_once()
    {
        var id = Guid.NewGuid();
        await service.Charge(id);

        var part = await service.Post($"/charges/{id}/refund", new { reason = "one was broken", amount = 10 }, "part");
        var again = await service.Post($"/charges/{id}/refund", new { reason = "one was broken", amount = 10 }, "part");
        var tooMuch = await service.Post($"/charges/{id}/refund", new { reason = "all", amount = 21 });
        var rest = await service.Post($"/charges/{id}/refund", new { reason = "all" });

        Assert.Equal(
            [10, 10, 30],
            new[] { part, again, rest }.Select(answer => answer.Body["refunded"]!.GetValue<decimal>()));
        Assert.Equal((422, "refund-within-charge"), (tooMuch.Status, Text(tooMuch.Body, "error")));
        Assert.Equal("refunded", Text(rest.Body, "status"));
    }

    [Fact]
    public async Task A_charge_voided_before_its_request_is_never_captured()
    {
        var id = Guid.NewGuid();

        await service.Post($"/charges/{id}/refund", new { reason = "the result is unknown" });
        var late = await service.Charge(id);

        Assert.Equal("voided", Text(late.Body, "status"));
    }

    [Theory]
    [InlineData(0, "GBP", "visa-4242", "amount")]
    [InlineData(1, "pounds", "visa-4242", "currency")]
    [InlineData(1, "GBP", "", "card")]
    public async Task An_invalid_charge_is_a_bad_request(
        decimal amount, string currency, string card, string member)
    {
        var body = new { reference = "order-1", amount, currency, card };
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/charges/{Guid.NewGuid()}")
        {
            Content = System.Net.Http.Json.JsonContent.Create(body),
        };

        using var answer = await service.Http.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(member, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_charge_that_timed_out_is_paid_when_the_shop_repeats_it()
    {
        var payment = PaymentId.New();
        await using var _ = new FaultReset(service);
        await service.SetFaults(new FaultSettings(TimeSpan.FromSeconds(8), 0));

        await Assert.ThrowsAsync<CardPaymentsUnavailableException>(() => Pay(Cards(), payment));
        await service.SetFaults(FaultSettings.None);
        var settlement = await Pay(Cards(), payment);

        Assert.True(settlement!.IsPaid);
    }

    [Fact]
    public async Task A_service_that_often_fails_before_or_after_a_charge_captures_the_amount_once()
    {
        await using var _ = new FaultReset(service);
        await service.SetFaults(new FaultSettings(TimeSpan.Zero, 0.6));
        var cards = Cards(circuit => circuit.MinimumCalls = 1_000_000);

        for (var number = 0; number < 20; number++)
        {
            var payment = PaymentId.New();
            var settlement = await Eventually.Get(() => TryPay(() => Pay(cards, payment)), found => found is not null);
            Assert.Equal(30, settlement!.Amount);
        }
    }

    [Fact]
    public async Task A_service_that_fails_repeatedly_opens_the_circuit()
    {
        await using var _ = new FaultReset(service);
        await service.SetFaults(new FaultSettings(TimeSpan.Zero, 1));
        // The clock is stopped, so that the circuit breaker counts all calls regardless of their duration.
        var cards = Cards(time: new ManualTimeProvider());

        for (var call = 0; call < 5; call++)
            await Assert.ThrowsAsync<CardPaymentsUnavailableException>(() => Pay(cards, PaymentId.New()));

        await Assert.ThrowsAsync<CircuitOpenException>(() => Pay(cards, PaymentId.New()));
    }

    [Fact]
    public async Task A_request_that_the_service_refuses_is_final()
    {
        var refused = await Assert.ThrowsAsync<CardPaymentsRefusedException>(() => Cards()
            .Charge(PaymentId.New(), OrderId.New(), Money.InPounds(30), new string('x', 300), "key", default));

        Assert.Equal(400, refused.Status);
    }

    private static async Task<Settlement?> TryPay(Func<Task<Settlement?>> pay)
    {
        try
        {
            return await pay();
        }
        catch (CardPaymentsUnavailableException)
        {
            return null;
        }
    }

    private static Task<Settlement?> Pay(HttpCardPayments cards, PaymentId payment) =>
        cards.Charge(payment, default, Money.InPounds(30), "visa-4242", $"key-{payment}", default);

    private HttpCardPayments Cards(Action<CircuitBreakerOptions>? configure = null, TimeProvider? time = null)
    {
        var services = new Microsoft.Extensions.DependencyInjection.ServiceCollection();
        if (time is not null)
            Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(services, time);
        Microsoft.Extensions.DependencyInjection.MillraceServiceCollectionExtensions.AddMillrace(
            services,
            millrace =>
                millrace
                    .UseInMemory()
                    .AddCircuitBreaker(HttpCardPayments.Circuit, circuit => configure?.Invoke(circuit)));
        var circuits = (CircuitBreakers)
            Microsoft
                .Extensions.DependencyInjection.ServiceCollectionContainerBuilderExtensions.BuildServiceProvider(
                    services)
                .GetService(typeof(CircuitBreakers))!; // The service is registered.
        var address = new CardPaymentsAddress(RunningCardPayments.Secret, _ => new ValueTask<Uri>(service.Address));
        return new HttpCardPayments(service.Http, address, circuits, TimeProvider.System);
    }

    private static string? Text(System.Text.Json.Nodes.JsonNode body, string member) =>
        body[member]?.GetValue<string>();

    /// <summary>Resets the faults for the next test.</summary>
    private sealed class FaultReset(RunningCardPayments service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await service.SetFaults(FaultSettings.None);
    }
}

using Bakery;

namespace Millrace.Testing.Tests;

public sealed class ProcessSpecificationTests
{
    private static readonly CakeOrdered Ordered = new("sponge", 30);

    [Fact]
    public async Task A_process_sends_commands_then_waits_and_then_completes() => await Cake()
        .When(Ordered)
        .ThenSent(new BakeCake("sponge"), new ChargeForCake("sponge", 30))
        .ThenIn("await-cake-fetched")
        .ThenDue(TimeSpan.FromDays(2))
        .When(new CakeFetched("sponge"))
        .ThenSent(new ThankForCake("sponge"))
        .ThenCompleted();

    [Fact]
    public async Task A_process_is_compensated_if_an_event_does_not_arrive_in_time() => await Cake()
        .Given(Ordered)
        .When(TimeSpan.FromDays(2) - TimeSpan.FromSeconds(1))
        .ThenSentNothing()
        .When(TimeSpan.FromSeconds(1))
        .ThenSent(new RefundCake("sponge"), new GiveCakeAway("sponge"))
        .ThenCompensated("CakeFetched did not come within");

    [Fact]
    public async Task A_refusal_is_final_and_a_failure_is_retried_after_its_delay()
    {
        await Cake().Refusing<ChargeForCake>("The card has a limit.")
            .When(Ordered)
            .ThenSent(new BakeCake("sponge"), new ChargeForCake("sponge", 30), new GiveCakeAway("sponge"))
            .ThenCompensated("The card has a limit.");

        await Cake().Failing<ChargeForCake>(new TimeoutException("The bank sleeps."), times: 1)
            .Given(Ordered)
            .ThenDue(TimeSpan.FromMinutes(1))
            .When(TimeSpan.FromMinutes(1))
            .ThenSent(new ChargeForCake("sponge", 30))
            .ThenIn("await-cake-fetched");
    }

    [Fact]
    public async Task An_operator_resumes_a_stopped_process() => await Cake().Refusing<ThankForCake>()
        .Given(Ordered, new CakeFetched("sponge"))
        .ThenWaitsForOperator("'thank' failed")
        .Accepting<ThankForCake>()
        .When((processes, cancel) => processes.Resume("delivery", "sponge", "ada", cancellationToken: cancel))
        .ThenSent(new ThankForCake("sponge"))
        .ThenCompleted();

    [Fact]
    public async Task Events_of_other_instances_have_no_effect() => await Cake()
        .When(new CakeOrdered("tart", 5), new CakeFetched("sponge"))
        .ThenSentNothing()
        .ThenNotStarted();

    [Fact]
    public async Task A_difference_is_shown_with_the_earlier_steps()
    {
        var sent = await Assert.ThrowsAsync<SpecificationException>(() => Cake()
            .When(Ordered)
            .ThenSent(new BakeCake("sponge"), new ChargeForCake("sponge", 20))
            .Run());
        var state = await Assert.ThrowsAsync<SpecificationException>(() => Cake()
            .Given(Ordered)
            .ThenCompleted()
            .Run());

        Assert.Contains("    1. BakeCake", sent.Message, StringComparison.Ordinal);
        Assert.Contains("  ~ 2. ChargeForCake", sent.Message, StringComparison.Ordinal);
        Assert.Contains("- price: 20", sent.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("When CakeOrdered", sent.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Expected the instance Completed, but it is Running.", state.Message, StringComparison.Ordinal);
        Assert.Contains("awaiting await-cake-fetched", state.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("due")]
    [InlineData("parts")]
    [InlineData("reason")]
    [InlineData("none")]
    [InlineData("missing")]
    public async Task Each_expectation_can_fail(string which) =>
        await Assert.ThrowsAsync<SpecificationException>(() =>
            (
                which switch
                {
                    "due" => Cake().Given(Ordered).ThenDue(TimeSpan.FromDays(1)),
                    "parts" => Cake().Given(Ordered).ThenIn("bake"),
                    "reason" => Cake().Refusing<BakeCake>().Given(Ordered).ThenCompensated("another reason"),
                    "none" => Cake().Given(Ordered).ThenNotStarted(),
                    _ => Cake().ThenCompleted(),
                }
            ).Run());

    [Fact]
    public async Task A_host_specification_ignores_process_events() => await Specification.ForHost<BakeryModel>()
        .When((host, cancel) => host.Store.Append(new StreamId("order-1"), ExpectedVersion.Any, [Ordered], cancel))
        .Then(Ordered, new CakeNoted("sponge", "baked"), new CakeNoted("sponge", "charged"))
        .When(TimeSpan.FromDays(2))
        .Then(new CakeNoted("sponge", "refunded"), new CakeNoted("sponge", "given away"));

    private static ProcessSpecification<string> Cake() => Specification.ForProcess<Delivery, string>("sponge");
}

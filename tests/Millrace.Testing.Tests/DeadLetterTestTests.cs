using Bakery;
using Millrace.Storage;

namespace Millrace.Testing.Tests;

/// <summary>Tests that a dead letter is written as a test that compiles and fails with the same error.</summary>
public sealed class DeadLetterTestTests
{
    private static readonly DeadLetterNote Note = new("ada", "a \"slip\" \\ of the\npen");

    [Fact]
    public async Task The_test_of_a_dead_letter_fails_until_the_consumer_is_fixed()
    {
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BakeryModel>());
        await host.Store.Append(new StreamId("oven-\"1\""), ExpectedVersion.Any, [new BreadBaked("\"1\"", "brick")]);
        await host.SettleWithFailures();
        var letter = Assert.Single(await host.DeadLetters.List(new DeadLetterQuery()));

        var failingTest = await host.DeadLetters.WriteTest(letter.Id, "Bakery.BakeryModel");
        var failure = Assert.IsType<SpecificationException>(await CompiledTest.Run(failingTest));
        await host.DeadLetters.Edit(letter.Id, """{"oven":"\"1\"","kind":"rye"}"""u8.ToArray(), Note);
        var passingTest = await host.DeadLetters.WriteTest(letter.Id, "Bakery.BakeryModel");

        Assert.Contains("A brick is no loaf.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(letter.ErrorType, failure.InnerException!.GetType().FullName);
        Assert.Null(await CompiledTest.Run(passingTest));
    }

    [Fact]
    public async Task The_test_of_a_waiting_dead_letter_says_that_it_was_not_handled()
    {
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BakeryModel>());
        await host.Store.Append(
            new StreamId("oven-1"),
            ExpectedVersion.Any,
            [new BreadBaked("1", "brick"), new BreadBaked("1", "brick")]);
        await host.SettleWithFailures();
        var letters = await host.DeadLetters.List(new DeadLetterQuery());

        var waiting = await host.DeadLetters.WriteTest(letters[1].Id, "Bakery.BakeryModel");

        var lines = waiting.ReplaceLineEndings("\n").Split('\n');
        Assert.EndsWith(
            ": it was not handled yet, and waits behind another event.", lines[0], StringComparison.Ordinal);
        Assert.Equal("using Millrace.Testing;", lines[1]);
        Assert.IsType<SpecificationException>(await CompiledTest.Run(waiting));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_test_of_a_dead_letter_of_a_handler_fails_until_the_handler_is_fixed(
        bool isBatch)
    {
        var definition =
            $"Millrace.Testing.Tests.Tasters.{(isBatch ? nameof(Tasters.InBatches) : nameof(Tasters.EachBread))}";
        await using var host = await MillraceTestHost.Start(millrace =>
            millrace.AddModel<BakeryModel>().AddConsumer(_ => isBatch ? Tasters.InBatches : Tasters.EachBread));
        await host.Store.Append(new StreamId("oven-1"), ExpectedVersion.Any, [new BreadBaked("1", "stone")]);
        await host.SettleWithFailures();
        var letter = Assert.Single(await host.DeadLetters.List(new DeadLetterQuery { Consumer = "taster" }));

        var refused = await Assert.ThrowsAsync<DeadLetterRefusedException>(
            async () => await host.DeadLetters.WriteTest(letter.Id, "Bakery.BakeryModel"));
        var failure = Assert.IsType<SpecificationException>(
            await CompiledTest.Run(await host.DeadLetters.WriteTest(letter.Id, "Bakery.BakeryModel", definition)));
        await host.DeadLetters.Edit(letter.Id, """{"oven":"1","kind":"rye"}"""u8.ToArray(), Note);
        var passingTest = await host.DeadLetters.WriteTest(letter.Id, "Bakery.BakeryModel", definition);

        Assert.Contains("ConsumerDefinition", refused.Message, StringComparison.Ordinal);
        Assert.Equal(letter.ErrorType, failure.InnerException!.GetType().FullName);
        Assert.Equal(letter.Message, failure.InnerException.Message);
        Assert.Null(await CompiledTest.Run(passingTest));
    }

    [Fact]
    public async Task A_consumer_specification_accepts_stored_events()
    {
        var taster = Specification.ForConsumer<BakeryModel>(Tasters.EachBread);

        (await taster.When("bread.baked", """{"oven":"1","kind":"rye"}""")).ThenPasses();
        (await taster.When("bread.baked", """{"oven":"1","kind":"stone"}""")).ThenThrew<NotSupportedException>();
        (await taster.When("bread.baked", "{")).ThenThrew<CannotDeserializeException>();
        var passed = await taster.When("bread.baked", """{"oven":"1","kind":"rye"}""");
        Assert.Throws<SpecificationException>(() => passed.ThenThrew<NotSupportedException>());
    }

    [Fact]
    public async Task Settling_fails_with_the_error_of_a_parked_event()
    {
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BakeryModel>());
        await host.Store.Append(new StreamId("oven-1"), ExpectedVersion.Any, [new BreadBaked("1", "brick")]);

        var failure = await Assert.ThrowsAsync<SpecificationException>(() => host.Settle());

        Assert.Contains(
            "'loaves@1' could not handle the event at position 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("A brick is no loaf.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_projection_specification_accepts_stored_events()
    {
        var loaves = Specification.ForProjection<BakeryModel>("loaves@1");

        loaves.Given("rye", """{"kind":"rye","count":2}""").When("bread.baked", """{"oven":"1","kind":"rye"}""")
            .ThenDocument("""{"kind":"rye","count":3}""");
        loaves.Given("rye").When("bread.baked", """{"oven":"1","kind":"rye"}""").ThenDocument("""{"kind":"rye","count":1}""");
        loaves.Given("brick").When("bread.baked", """{"oven":"1","kind":"brick"}""").ThenThrew<InvalidOperationException>();
        loaves.When("bread.baked", "{").ThenThrew<CannotDeserializeException>();
        Assert.Throws<SpecificationException>(
            () => loaves.Given("rye").When("bread.baked", """{"oven":"1","kind":"rye"}""").ThenDocument(null));
        Assert.Throws<ArgumentException>(() => Specification.ForProjection<BakeryModel>("nothing@1"));
    }
}

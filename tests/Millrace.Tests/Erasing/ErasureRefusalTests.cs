namespace Millrace.Tests.Erasing;

/// <summary>Tests the refusals of erasures, legal holds, and repeated calls.</summary>
public sealed class ErasureRefusalTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    private Erasures Erasures => _sample.Erasures;

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task A_subject_that_does_not_exist_is_refused()
    {
        var info = await Erasures.Request(ErasureSample.RequestOf(subject: "customer-9"));

        Assert.Equal(ErasureState.Refused, info.State);
        Assert.Contains("does not exist", info.Refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("such as", info.Refusal, StringComparison.Ordinal);
        var withoutCategory = await Erasures.Request(ErasureSample.RequestOf(id: "e2", subject: "9"));
        Assert.Contains("such as 'customer-9'", withoutCategory.Refusal, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ErasureRefusedException>(() => Erasures.Approve("e1", "lawyer"));
        Assert.Equal(ErasureState.Refused, (await Erasures.CarryOut("e1")).State);
    }

    [Fact]
    public async Task The_requester_cannot_approve_if_a_second_user_is_required()
    {
        _sample.Options.RequiresSecondUser = true;
        await Erasures.Request(ErasureSample.RequestOf());

        await Assert.ThrowsAsync<ErasureRefusedException>(() => Erasures.Approve("e1", "officer"));
        var info = await Erasures.Approve("e1", "lawyer");

        Assert.Equal(ErasureState.Approved, info.State);
    }

    [Fact]
    public void Automatic_approval_and_a_second_user_exclude_each_other()
    {
        _sample.Options.RequiresSecondUser = true;
        _sample.Options.ApprovesAutomatically = true;

        var refused = Assert.Throws<ArgumentException>(() => _sample.Create(_sample.Store));

        Assert.Contains("RequiresSecondUser", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rule_of_the_application_can_refuse()
    {
        _sample.Options.MayRequest = (request, _) => new(request.By == "officer" ? "not by an officer" : null);

        var info = await Erasures.Request(ErasureSample.RequestOf());

        Assert.Equal("not by an officer", info.Refusal);
        Assert.Equal(ErasureState.Refused, info.State);
    }

    [Fact]
    public async Task A_held_subject_is_refused_until_the_hold_is_released()
    {
        await Erasures.Hold(ErasureSample.Ada, "lawsuit", "lawyer");

        var refused = await Erasures.Request(ErasureSample.RequestOf());
        Assert.True(await Erasures.Release(ErasureSample.Ada, "settled", "lawyer"));
        var accepted = await Erasures.Request(ErasureSample.RequestOf("e2"));

        Assert.Equal(ErasureState.Refused, refused.State);
        Assert.Contains("legal hold", refused.Refusal, StringComparison.Ordinal);
        Assert.Equal(ErasureState.Found, accepted.State);
        Assert.False(await Erasures.Release(ErasureSample.Ada, "again", "lawyer"));
        Assert.Empty(await Erasures.ListHolds());
    }

    [Fact]
    public async Task A_hold_that_has_ended_does_not_refuse()
    {
        await Erasures.Hold(ErasureSample.Ada, "lawsuit", "lawyer", DateTimeOffset.UtcNow.AddMinutes(-1));
        await Erasures.Hold("customer-2", "lawsuit", "lawyer", DateTimeOffset.UtcNow.AddHours(1));

        Assert.Equal(ErasureState.Found, (await Erasures.Request(ErasureSample.RequestOf())).State);
        Assert.Equal("customer-2", Assert.Single(await Erasures.ListHolds()).Subject);
    }

    [Fact]
    public async Task A_kind_without_a_key_is_refused()
    {
        var info = await Erasures.Request(ErasureSample.RequestOf(kinds: ["contact", "adress"]));

        Assert.Equal(ErasureState.Refused, info.State);
        Assert.Contains("'adress'", info.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hold_between_approval_and_execution_stops_the_erasure()
    {
        await Erasures.Request(ErasureSample.RequestOf());
        await Erasures.Approve("e1", "lawyer");
        await Erasures.Hold(ErasureSample.Ada, "lawsuit", "lawyer");

        var info = await Erasures.CarryOut("e1");

        Assert.Equal(ErasureState.Refused, info.State);
        Assert.Contains(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hold_after_the_start_is_refused()
    {
        Exception? refused = null;
        _sample.Options.AfterStep = step =>
        {
            if (step == "erasures.started")
                refused = Record.Exception(
                    () => Erasures.Hold(ErasureSample.Ada, "late", "lawyer").GetAwaiter().GetResult());
        };

        await _sample.Erase();

        var message = Assert.IsType<ErasureRefusedException>(refused).Message;
        Assert.Contains("already started", message, StringComparison.Ordinal);
        await Erasures.Hold(ErasureSample.Ada, "after the end", "lawyer");
    }

    [Fact]
    public async Task An_erasure_that_is_not_approved_is_not_carried_out()
    {
        await Erasures.Request(ErasureSample.RequestOf());

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() => Erasures.CarryOut("e1"));

        Assert.Contains("not approved", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Erasures.Resume());
    }

    [Fact]
    public async Task Requests_are_approved_automatically_if_the_options_allow_it()
    {
        _sample.Options.ApprovesAutomatically = true;

        await Erasures.Request(ErasureSample.RequestOf());

        Assert.Equal(ErasureState.Confirmed, (await Erasures.CarryOut("e1")).State);
    }

    [Fact]
    public async Task Repeated_calls_have_no_effect()
    {
        var first = await _sample.Erase();

        var again = await _sample.Erase();

        Assert.Equal(first.Steps.Count, again.Steps.Count);
        Assert.Equal(first.Certificate!.ToFile(), again.Certificate!.ToFile());
    }

    [Fact]
    public async Task An_id_cannot_be_used_for_other_data()
    {
        await Erasures.Request(ErasureSample.RequestOf());

        await Assert.ThrowsAsync<ErasureRefusedException>(
            () => Erasures.Request(ErasureSample.RequestOf(subject: "customer-2")));
        await Assert.ThrowsAsync<ErasureRefusedException>(
            () => Erasures.Request(ErasureSample.RequestOf(kinds: "contact")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("holds")]
    [InlineData("A")]
    [InlineData("a b")]
    public async Task Invalid_ids_are_refused(string id) =>
        await Assert.ThrowsAsync<InvalidNameException>(() => Erasures.Request(ErasureSample.RequestOf(id)));

    [Fact]
    public async Task Invalid_kinds_and_subjects_are_refused()
    {
        await Assert.ThrowsAsync<InvalidNameException>(() => Erasures.Request(ErasureSample.RequestOf(kinds: "*")));
        await Assert.ThrowsAsync<InvalidNameException>(() => Erasures.Request(ErasureSample.RequestOf(subject: "")));
        await Assert.ThrowsAsync<ErasureNotFoundException>(() => Erasures.Approve("none", "lawyer"));
        await Assert.ThrowsAsync<ErasureNotFoundException>(() => Erasures.CarryOut("none"));
        Assert.Null(await Erasures.Find("none"));
    }

    [Fact]
    public void Options_without_a_key_are_refused()
    {
        var missing = Assert.Throws<ArgumentException>(() => new ErasureOptions().CreateKey());
        Assert.Contains("PrivateKeyPem", missing.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ErasureOptions { PrivateKeyPem = "no key" }.CreateKey());
        Assert.Throws<ArgumentException>(
            () => new ErasureOptions { PrivateKeyPem = ErasureSample.PublicKey }.CreateKey());
    }
}

using Millrace.Retention;

namespace Millrace.Tests.Retention;

/// <summary>Tests that policies that cannot be carried out are refused with their target and what to do.</summary>
public sealed class RetentionOptionsTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "none", "category cart: has no action" },
        { "several", "category cart: has several of KeepForever, DeleteAfter and ArchiveAfter" },
        { "late erasure", "category cart: personal data is erased after 2 years, but the events are removed earlier" },
        { "pointer", "category cart: 'dueDate' is not a JSON pointer" },
        { "dash", "category cart-1: a category cannot contain '-'" },
        { "reserved", "category $audit: streams and events of Millrace itself are never removed" },
        { "duplicate", "category cart: has 2 policies" },
        { "archive", "ArchiveDirectory: is missing, but 'category cart: archive after 30 days' archives events" },
        { "schedule", "Schedule: " },
        { "throttle", "StreamsPerSecond: must be from 1 to 1,000,000, but is 0" },
        { "period", "category cart: the period is not set" },
        { "zero", "category cart: the period must be from 1 to 365,000 days, but is 0 days." },
        { "late zero", "category cart: the period must be from 1 to 1,000 years, but is -1 years." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_policy_that_cannot_be_carried_out_is_refused(string mistake, string problem)
    {
        var options = new RetentionOptions();
        Add(options, mistake);

        Assert.StartsWith(problem, Assert.Single(options.Problems()), StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_of_different_targets_and_tenants_are_accepted()
    {
        var options = new RetentionOptions { Schedule = "0 3 * * *", ArchiveDirectory = "archive" };
        options.AllStreams().ArchiveAfter(RetentionPeriod.Years(10));
        options.Category("cart").DeleteAfter();
        options.EventType("cart").KeepForever();
        options.Category("customer").ErasePersonalDataAfter(RetentionPeriod.Years(3)).ByTimeIn("/leftOn");
        options.Tenant("acme").Category("cart").KeepForever();
        options.Tenant("beta").Category("cart").ErasePersonalDataAfter(RetentionPeriod.Days(1)).DeleteAfter();

        Assert.Empty(options.Problems());
        Assert.Equal(
            [
                "all streams: archive after 10 years",
                "category cart: delete after 30 days",
                "event type cart: keep for ever",
                "category customer: erase personal data after 3 years by the time in /leftOn",
                "category cart of tenant acme: keep for ever",
                "category cart of tenant beta: erase personal data after 1 day, delete after 30 days",
            ],
            options.BuildRules().Select(rule => rule.ToString()));
    }

    [Fact]
    public void Policies_that_do_not_fit_the_model_are_refused()
    {
        var options = new RetentionOptions();
        options.EventType("cart.opened").DeleteAfter().EvenIfReadBy("cart");
        options.EventType("cart.closed").KeepForever();
        var declaration = new RetentionDeclaration
        {
            Rules = options.BuildRules(),
            Readers = [new RetentionReader("carts", ["cart.opened", "cart.closed"], null)],
        };

        Assert.Equal(
            [
                "event type cart.opened: EvenIfReadBy names the read model 'cart', which does not exist. Known read "
                    + "models are: carts.",
                "event type cart.opened: removes events that the read models carts read, so that a rebuild would give "
                    + "other documents. Allow it with EvenIfReadBy, or remove the policy.",
            ],
            RetentionProblems.Of(declaration, EventTypeMap.Empty));
    }

    private static void Add(RetentionOptions options, string mistake)
    {
        switch (mistake)
        {
            case "none":
                options.Category("cart");
                break;
            case "several":
                options.Category("cart").KeepForever().DeleteAfter();
                break;
            case "late erasure":
                options.Category("cart").ErasePersonalDataAfter(RetentionPeriod.Years(2))
                    .DeleteAfter(RetentionPeriod.Years(1));
                break;
            case "pointer":
                options.Category("cart").DeleteAfter().ByTimeIn("dueDate");
                break;
            case "dash":
                options.Category("cart-1").DeleteAfter();
                break;
            case "reserved":
                options.Category("$audit").DeleteAfter();
                break;
            case "duplicate":
                options.Category("cart").DeleteAfter();
                options.Category("cart").DeleteAfter();
                break;
            case "archive":
                options.Category("cart").ArchiveAfter();
                break;
            case "schedule":
                options.Schedule = "at night";
                break;
            case "throttle":
                options.StreamsPerSecond = 0;
                break;
            case "zero":
                options.Category("cart").DeleteAfter(RetentionPeriod.Days(0));
                break;
            case "late zero":
                options.Category("cart").DeleteAfter().ErasePersonalDataAfter(RetentionPeriod.Years(-1));
                break;
            default:
                options.Category("cart").DeleteAfter(default(RetentionPeriod));
                break;
        }
    }
}

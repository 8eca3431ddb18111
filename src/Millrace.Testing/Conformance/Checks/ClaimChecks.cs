using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks that a claimed value has only one owner at a time.</summary>
internal static class ClaimChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A value with an owner is refused to others, and the exception names the owner", Taken_is_refused),
        new("An owner can claim its value again", Taken_again),
        new("Others can claim a released value", Released),
        new("Releasing another owner's value has no effect", Released_by_another),
        new("Exactly one of several claims to one value in a batch is accepted", One_in_a_batch),
        new("Claims to one value in one request are applied in order, and a second owner is refused", One_request),
        new("Values and scopes are compared ordinally, and scopes are independent", Ordinally),
        new("The claims of a scope are listed in pages, if the storage lists claims", Listed),
        new("A refused request neither claims nor releases a value", Refused_takes_nothing),
    ];

    private static async Task Listed(StorageProbe probe)
    {
        string[] values = ["b", "a", "é", "B", "\U0001F600", "\uFF5E"];
        await probe.Do(new CommitRequest
        {
            Claims =
            [
                .. values.Select(value => Claim.Acquire("email", value, $"owner of {value}")),
                Claim.Acquire("other", "c", "another"), Claim.Release("email", "b", "owner of b"),
            ],
        });
        if (await probe.Log.ListClaims("email", null, 100, probe.Cancel) is not { } all)
            return;
        Expect.Same(
            ["B", "a", "é", "\uFF5E", "\U0001F600"], all.Select(claim => claim.Value), "the values in their order");
        Expect.Same(all.Select(claim => $"owner of {claim.Value}"), all.Select(claim => claim.Owner), "the owners");
        var page = await probe.Log.ListClaims("email", "a", 2, probe.Cancel);
        Expect.Same(all.Skip(2).Take(2), page ?? [], "a page");
        Expect.Same([], await probe.Log.ListClaims("none", null, 100, probe.Cancel) ?? [], "another scope");
    }

    private static async Task Taken_is_refused(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "user-1")] });

        var taken = await probe.Refuse<ClaimTakenException>(
            new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "user-2")] });

        Expect.Equal(
            ("email", "a@example.org", "user-1"),
            (taken.Scope, taken.Value, taken.Owner),
            "the properties of the exception");
        await ExpectOwner(probe, "a@example.org", "user-1");
        Expect.Equal(0, await probe.LastPosition(), "the head of the log after requests that only claim");
    }

    private static async Task Taken_again(StorageProbe probe)
    {
        var claims = new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "user-1")] };

        await probe.Do(claims);
        await probe.Do(claims);

        await ExpectOwner(probe, "a@example.org", "user-1");
    }

    private static async Task Released(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "user-1")] });
        await probe.Do(new CommitRequest { Claims = [Claim.Release("email", "a@example.org", "user-1")] });
        await ExpectOwner(probe, "a@example.org", null);

        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "user-2")] });

        await ExpectOwner(probe, "a@example.org", "user-2");
    }

    private static async Task Released_by_another(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("email", "a@example.org", "user-1")] });

        await probe.Do(new CommitRequest { Claims = [Claim.Release("email", "a@example.org", "user-2")] });
        await probe.Do(new CommitRequest { Claims = [Claim.Release("email", "nobody@example.org", "user-2")] });

        await ExpectOwner(probe, "a@example.org", "user-1");
    }

    private static async Task One_in_a_batch(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            new CommitRequest { Claims = [Claim.Acquire("seat", "14c", "one")] },
            new CommitRequest { Claims = [Claim.Acquire("seat", "14c", "two")] },
            new CommitRequest { Claims = [Claim.Release("seat", "14c", "one")] },
            new CommitRequest { Claims = [Claim.Acquire("seat", "14c", "three")] });

        Expect.Committed(outcomes[0], "the first claim");
        Expect.Equal("one", Expect.Refused<ClaimTakenException>(outcomes[1], "the second claim").Owner, "the owner");
        Expect.Committed(outcomes[3], "the claim after the release");
        Expect.Equal("three", await probe.Log.FindClaim("seat", "14c", probe.Cancel), "the owner");
    }

    private static async Task One_request(StorageProbe probe)
    {
        var taken = await probe.Refuse<ClaimTakenException>(
            new CommitRequest { Claims = [Claim.Acquire("seat", "14c", "one"), Claim.Acquire("seat", "14c", "two")] });
        Expect.Equal("one", taken.Owner, "the owner");
        Expect.Equal(null, await probe.Log.FindClaim("seat", "14c", probe.Cancel), "the owner after the refusal");
        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("seat", "14c", "one")] });

        await probe.Do(
            new CommitRequest { Claims = [Claim.Release("seat", "14c", "one"), Claim.Acquire("seat", "14c", "two")] }
        );

        Expect.Equal(
            "two", await probe.Log.FindClaim("seat", "14c", probe.Cancel), "the owner after a change in one request");
    }

    private static async Task Ordinally(StorageProbe probe)
    {
        string[] values =
        [
            "a@example.org",
            "A@example.org",
            "a@example.org ",
            "ä",
            "a\u0308",
            "%",
            "_",
            "'",
            "\"",
            "😀",
            "straße",
            "STRASSE",
            "1",
            "01",
        ];
        foreach (var value in values)
        {
            await probe.Do(
                new CommitRequest
                {
                    Claims = [Claim.Acquire("email", value, $"owner of {value}"), Claim.Acquire("login", value, "one")],
                }
            );
        }

        foreach (var value in values)
            await ExpectOwner(probe, value, $"owner of {value}");
        Expect.Equal(
            null,
            await probe.Log.FindClaim("Email", "%", probe.Cancel),
            "a claim in a scope whose name differs in case");
    }

    private static async Task Refused_takes_nothing(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("email", "kept", "user-1")] });

        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Appends = [Sample.To("user-2", ExpectedVersion.StreamExists, Sample.Event(1))],
            Claims = [Claim.Acquire("email", "new", "user-2"), Claim.Release("email", "kept", "user-1")],
        });

        await ExpectOwner(probe, "new", null);
        await ExpectOwner(probe, "kept", "user-1");
        await probe.Do(new CommitRequest { Claims = [Claim.Acquire("email", "new", "user-3")] });
    }

    private static async Task ExpectOwner(StorageProbe probe, string value, string? owner) =>
        Expect.Equal(owner, await probe.Log.FindClaim("email", value, probe.Cancel), $"the owner of '{value}'");
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests which problem responses are logged.</summary>
public sealed class ProblemLogTests
{
    public static TheoryData<Exception, int, int?> Problems => new()
    {
        { new StorageException("Page 7 is damaged.", StorageProblem.Other), 500, 4501 },
        { new CannotSerializeException("animal.seen", "Animal has no [JsonDerivedType] for Dog."), 400, 4502 },
        { new InvalidValueException("Name", "", "It is empty."), 400, null },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public async Task Problems_that_the_caller_cannot_fix_are_logged(Exception exception, int status, int? id)
    {
        using var log = new RecordedLog(LogLevel.Warning);
        await using var app = await LibraryApp.Start(
            builder => builder.Logging.AddProvider(log), app => app.MapGet("/broken", IResult () => throw exception));

        var answer = await app.Client.GetAsync("/broken");

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(id is null ? [] : [(id.Value, exception)], log.Exceptions);
    }
}

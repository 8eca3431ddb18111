using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>Writes Millrace's exceptions from all endpoints as ProblemDetails.</summary>
internal sealed class ProblemHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (HttpProblem.Of(exception) is not { } problem)
            return false;
        await ProblemWriter.Write(httpContext, problem, exception).ConfigureAwait(false);
        return true;
    }
}

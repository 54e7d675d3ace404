using System.Diagnostics;
using Xunit;

namespace IdServer.Tests;

/// <summary>Asks again and again, in real time, until the answer is as wanted or the time is over.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <returns>The first answer as wanted, or the last one.</returns>
    public static async Task<T> Async<T>(Func<Task<T>> ask, Func<T, bool> wanted, TimeSpan atMost)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (wanted(answer) || watch.Elapsed > atMost)
            {
                return answer;
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}

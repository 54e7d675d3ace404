using IdServer.Hosting;
using IdServer.Localization;
using IdServer.Protocol.Errors;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages;

/// <summary>Shows an error that no redirect may carry (requirement 4): the code, a fixed sentence for its cause, what to do, and the reference that stands in the log.</summary>
public sealed class ErrorModel(ErrorPages errors, Texts texts) : PageModel
{
    [BindProperty(Name = "e", SupportsGet = true)]
    public string? Payload { get; set; }

    /// <summary>Null when the page was opened by itself, or too late.</summary>
    public ShownError? Shown { get; private set; }

    /// <summary>For what has no words of its own, the description, which is always English.</summary>
    public string? Sentence { get; private set; }

    public void OnGet()
    {
        Shown = errors.Read(Payload);
        Sentence = Shown is { Cause: not ErrorCause.Other } ? texts[$"Error.{Shown.Cause}"] : texts.Find($"Error.{Shown?.Code}") ?? Shown?.Description;
        Response.StatusCode = Shown?.Status ?? StatusCodes.Status400BadRequest;
    }
}
